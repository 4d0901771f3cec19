// SPDX-License-Identifier: Apache-2.0
import com.sun.tools.attach.VirtualMachine;
import java.util.TreeSet;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * Prints the tables of a JVM's kernel MBeans, as jconsole's operation {@code show} does: {@code java ShowKernel.java PID [TYPE...]}. Waits up
 * to 10 s for the agent's MBeans to appear. Exit code 1 if they don't, 2 without arguments.
 */
public final class ShowKernel {
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            System.err.println("usage: java ShowKernel.java PID [TYPE...], such as: java ShowKernel.java 4711 Files Cpu");
            System.exit(2);
        }
        var jvm = VirtualMachine.attach(args[0]);
        var url = new JMXServiceURL(jvm.startLocalManagementAgent());
        jvm.detach();
        try (var connector = JMXConnectorFactory.connect(url)) {
            var server = connector.getMBeanServerConnection();
            // The last that the agent registers: when it is there, all are.
            var agent = new ObjectName("kernel:type=Agent");
            for (int i = 0; i < 100 && !server.isRegistered(agent); i++) {
                Thread.sleep(100);
            }
            if (!server.isRegistered(agent)) {
                System.err.println("Kernel Flight Recorder does not run in process " + args[0]);
                System.exit(1);
            }
            var names = new TreeSet<ObjectName>();
            if (args.length == 1) {
                names.addAll(server.queryNames(new ObjectName("kernel:*"), null));
            }
            for (int i = 1; i < args.length; i++) {
                names.add(new ObjectName("kernel:type=" + args[i]));
            }
            for (var name : names) {
                if (!server.isRegistered(name)) {
                    System.err.println("there is no MBean " + name);
                    System.exit(1);
                }
                System.out.println("== " + name);
                System.out.println(server.invoke(name, "show", new Object[0], new String[0]));
            }
        }
    }
}
