// SPDX-License-Identifier: Apache-2.0
import com.sun.tools.attach.VirtualMachine;
import java.util.TreeSet;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Prints the tables of a JVM's kernel MBeans, as jconsole's operation {@code show} does: {@code java ShowKernel.java PID [TYPE...]}. Waits up
 * to 10 s for the agent's MBeans to appear.
 */
public final class ShowKernel {
    public static void main(String[] args) throws Exception {
        var jvm = VirtualMachine.attach(args[0]);
        var url = new JMXServiceURL(jvm.startLocalManagementAgent());
        jvm.detach();
        try (var connector = JMXConnectorFactory.connect(url)) {
            var server = connector.getMBeanServerConnection();
            var agent = new ObjectName("kernel:type=Agent");
            for (int i = 0; i < 100 && !server.isRegistered(agent); i++) {
                Thread.sleep(100);
            }
            var names = new TreeSet<ObjectName>();
            if (args.length == 1) {
                names.addAll(server.queryNames(new ObjectName("kernel:*"), null));
            }
            for (int i = 1; i < args.length; i++) {
                names.add(new ObjectName("kernel:type=" + args[i]));
            }
            for (var name : names) {
                System.out.println("== " + name);
                System.out.println(server.invoke(name, "show", new Object[0], new String[0]));
            }
        }
    }
}
