// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.site;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.classfile.constantpool.FieldRefEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.FrameworkWiring;

/** An Equinox with the bundles of JMC's core and ours: what Mission Control is made of, less its user interface. */
final class MissionControl {
    private final String version;
    private final Framework equinox;
    private final Map<String, Bundle> bundles = new TreeMap<>();

    private MissionControl(String version, Framework equinox) {
        this.version = version;
        this.equinox = equinox;
    }

    static MissionControl start(String version, Path storage, List<Path> core, List<Path> ours) throws BundleException {
        FrameworkFactory factory =
                ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow();
        Framework equinox = factory.newFramework(Map.of(Constants.FRAMEWORK_STORAGE, storage.toString()));
        equinox.start();
        var control = new MissionControl(version, equinox);
        for (Path jar : Stream.concat(core.stream(), ours.stream()).toList()) {
            Bundle bundle = equinox.getBundleContext().installBundle("reference:" + jar.toUri());
            control.bundles.put(bundle.getSymbolicName(), bundle);
        }
        equinox.adapt(FrameworkWiring.class).resolveBundles(control.bundles.values());
        return control;
    }

    /** JMC's core and what it needs, from the class path of this test. */
    static List<Path> onClassPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .map(Path::of)
                .filter(jar -> {
                    String name = symbolicName(jar);
                    return !name.isEmpty() && !name.startsWith("dev.kfr.") && !name.startsWith("org.eclipse.");
                })
                .toList();
    }

    /** Empty if it is no bundle. */
    static String symbolicName(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            String name = file.getManifest() == null
                    ? null
                    : file.getManifest().getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
            return name == null ? "" : name.split(";")[0];
        } catch (IOException e) {
            throw new IllegalStateException(jar.toString(), e);
        }
    }

    /** The providers of ours that a bundle's class loader sees. */
    static List<String> services(Bundle bundle, String service) throws IOException {
        var names = new ArrayList<String>();
        var files = bundle.getResources("META-INF/services/" + service);
        while (files != null && files.hasMoreElements()) {
            URL file = files.nextElement();
            try (var lines = new BufferedReader(new InputStreamReader(file.openStream(), StandardCharsets.UTF_8))) {
                lines.lines().filter(line -> line.startsWith("dev.kfr.")).forEach(names::add);
            }
        }
        // A fragment's files are found on the way through the host and on that to the fragment.
        return names.stream().distinct().toList();
    }

    Bundle bundle(String name) {
        return bundles.get(name);
    }

    Stream<Bundle> ours() {
        return bundles.values().stream()
                .filter(bundle -> bundle.getSymbolicName().startsWith("dev.kfr."));
    }

    /** Whether its core has what recording templates are made with. */
    boolean offersTemplates() {
        return bundles.containsKey("org.openjdk.jmc.flightrecorder.configuration");
    }

    /** Whether a bundle finds a method or field that its code names, in its class or what that inherits from. */
    boolean has(Bundle from, MemberRefEntry member) {
        try {
            // A fragment has no class loader but its host's.
            String host = from.getHeaders().get(Constants.FRAGMENT_HOST);
            Bundle bundle = host == null ? from : bundle(host);
            return has(bundle.loadClass(member.owner().asInternalName().replace('/', '.')), member);
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static boolean has(Class<?> owner, MemberRefEntry member) {
        if (owner == null) {
            return false;
        }
        String name = member.name().stringValue();
        String type = member.type().stringValue();
        boolean here;
        if (member instanceof FieldRefEntry) {
            here = Stream.of(owner.getDeclaredFields()).anyMatch(field -> is(field, name, type));
        } else if (name.equals("<init>")) {
            here = Stream.of(owner.getDeclaredConstructors())
                    .anyMatch(constructor -> descriptor(void.class, constructor.getParameterTypes())
                            .equals(type));
        } else {
            here = Stream.of(owner.getDeclaredMethods()).anyMatch(method -> is(method, name, type));
        }
        return here
                || has(owner.getSuperclass(), member)
                || Stream.of(owner.getInterfaces()).anyMatch(parent -> has(parent, member))
                || owner.isInterface() && has(Object.class, member);
    }

    private static boolean is(Field field, String name, String type) {
        return field.getName().equals(name)
                && field.getType().descriptorString().equals(type);
    }

    private static boolean is(Method method, String name, String type) {
        return method.getName().equals(name)
                && descriptor(method.getReturnType(), method.getParameterTypes())
                        .equals(type);
    }

    private static String descriptor(Class<?> result, Class<?>... parameters) {
        return MethodType.methodType(result, parameters).descriptorString();
    }

    void stop() throws BundleException, InterruptedException {
        equinox.stop();
        equinox.waitForStop(10_000);
    }

    @Override
    public String toString() {
        return "Mission Control " + version;
    }
}
