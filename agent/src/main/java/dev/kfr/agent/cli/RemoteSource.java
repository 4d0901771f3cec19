// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import dev.kfr.agent.cli.top.Source;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import javax.rmi.ssl.SslRMIClientSocketFactory;

/** The MBeans of another JVM, on this host or elsewhere. */
final class RemoteSource implements Source {
    private static final Pattern HOST_AND_PORT = Pattern.compile("(\\[[0-9a-fA-F:.]+\\]|[^:/\\s]+):([0-9]{1,5})");
    private static final String URL = "service:jmx:";

    /** Environment variable with the password of {@code --user}. */
    static final String PASSWORD = "KFR_JMX_PASSWORD";

    private final String name;
    private final JMXConnector connector;
    private final MBeanServerConnection connection;

    private RemoteSource(String name, JMXConnector connector) throws IOException {
        this.name = name;
        this.connector = connector;
        this.connection = connector.getMBeanServerConnection();
    }

    /** Whether this names a JVM by its JMX port or URL. */
    static boolean isAddress(String target) {
        return target.startsWith(URL) || HOST_AND_PORT.matcher(target).matches();
    }

    /** A JVM on this host, by its pid. */
    static RemoteSource of(long pid) {
        return connect(
                "process " + pid,
                TargetJvm.of(pid).management(),
                Map.of(),
                "attach it with: java -jar kfr.jar attach " + pid);
    }

    /**
     * A JVM by {@code host:port} or a whole JMX URL.
     *
     * @param user null: without authentication
     * @param tls whether its registry, too, speaks TLS; connections themselves do as the JVM says
     */
    static RemoteSource of(String address, String user, String password, boolean tls) {
        RequiredModules.present("java.management.rmi");
        var environment = new HashMap<String, Object>();
        if (user != null) {
            environment.put(JMXConnector.CREDENTIALS, new String[] {user, password});
        }
        if (tls) {
            environment.put("com.sun.jndi.rmi.factory.socket", new SslRMIClientSocketFactory());
        }
        var url = address.startsWith(URL) ? address : "service:jmx:rmi:///jndi/rmi://" + address + "/jmxrmi";
        try {
            return connect(address, new JMXServiceURL(url), environment, "start it with -javaagent:kfr.jar");
        } catch (MalformedURLException e) {
            throw new CommandFailure("'" + address + "' is no address of JMX: " + e.getMessage(), e);
        }
    }

    @SuppressWarnings("BanJNDI") // the address is what the user asked for
    private static RemoteSource connect(String name, JMXServiceURL url, Map<String, ?> environment, String advice) {
        RemoteSource source;
        try {
            source = new RemoteSource(name, JMXConnectorFactory.connect(url, environment));
        } catch (IOException e) {
            unknownHost(e).ifPresent(host -> {
                throw new CommandFailure("cannot connect to " + name + ": unknown host " + host, e);
            });
            throw new CommandFailure(
                    "cannot connect to " + name + ": " + innermost(e)
                            + ". Does the JVM run with -Dcom.sun.management.jmxremote.port=PORT, and can this host reach it?",
                    e);
        } catch (SecurityException e) {
            throw new CommandFailure(
                    name + " wants to know who asks: --user NAME, and the password on the terminal or in " + PASSWORD
                            + " (" + e.getMessage() + ")",
                    e);
        }
        source.requireAgent(advice);
        return source;
    }

    private static Optional<String> unknownHost(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .filter(UnknownHostException.class::isInstance)
                .map(cause -> String.valueOf(cause.getMessage()).replaceAll(":.*", ""))
                .findFirst();
    }

    private static String innermost(Throwable failure) {
        var cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).strip();
    }

    private void requireAgent(String advice) {
        try {
            if (connection.isRegistered(new ObjectName("kernel:type=Agent"))) {
                var state = connection.getAttribute(new ObjectName("kernel:type=Agent"), "State");
                if (state.equals("UNAVAILABLE")) {
                    var reason = connection.getAttribute(new ObjectName("kernel:type=Agent"), "StateReason");
                    throw failed("kernel events are not available in " + name + ": " + reason);
                }
                return;
            }
            throw failed(TargetJvm.PRODUCT + " does not run in " + name + ", or started less than 5 s ago: " + advice);
        } catch (IOException | JMException e) {
            throw failed("cannot read MBeans of " + name + ": " + e);
        }
    }

    private CommandFailure failed(String message) {
        try {
            connector.close();
        } catch (IOException alreadyClosed) {
            // that is what was wanted
        }
        return new CommandFailure(message);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public MBeanServerConnection connection() {
        return connection;
    }

    @Override
    public boolean ofService() {
        return true;
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
