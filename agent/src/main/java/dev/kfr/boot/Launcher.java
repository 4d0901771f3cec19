// SPDX-License-Identifier: Apache-2.0
package dev.kfr.boot;

import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;

/**
 * Defines the agent as module {@code dev.kfr} in a layer of its own, lets it use native access, and calls it.
 *
 * <p>The layer's parent is the platform class loader, so the agent and the service never see each other's classes. The
 * module exists once per JVM: a second attachment finds it here and reconfigures what runs.
 */
public final class Launcher {
    private static final String ENTRY_POINT = "dev.kfr.agent.KernelFlightRecorder";
    private static final String DETACH = "detach";

    /** The agent's layer, which nothing can undefine: the same for each attachment. Guarded by this class. */
    private static ModuleLayer.Controller layer;

    private static boolean nativeAccess;

    private Launcher() {}

    /**
     * Starts, reconfigures or (option {@code detach}) stops the agent.
     *
     * @param options as written after {@code =}, null if there are none
     * @param attached whether the JVM runs already
     */
    public static synchronized void start(String options, Instrumentation instrumentation, boolean attached)
            throws Throwable {
        if (DETACH.equals(options)) {
            stop();
            return;
        }
        if (layer == null) {
            layer = defineLayer();
        }
        if (!nativeAccess) {
            nativeAccess = permitNativeAccess(instrumentation);
        }
        if (nativeAccess) {
            var parameters = new Class<?>[] {Instrumentation.class, String.class, boolean.class};
            call(moduleOf(layer), ENTRY_POINT, "start", parameters, instrumentation, options, attached);
        }
    }

    /** Runs a command of the command line and returns its exit code. */
    public static int command(String[] arguments) throws Throwable {
        var controller = defineLayer();
        passNativeAccessOn(controller);
        passJavaLangOn(moduleOf(controller));
        var parameters = new Class<?>[] {String[].class};
        return (Integer) call(moduleOf(controller), ENTRY_POINT, "command", parameters, (Object) arguments);
    }

    private static void stop() throws Throwable {
        if (nativeAccess) {
            call(moduleOf(layer), ENTRY_POINT, "stop", new Class<?>[0]);
        } else {
            Agent.say("INFO nothing to detach: Kernel Flight Recorder does not run in this JVM");
        }
    }

    /** Returns false, after one line that says why, if the operator forbids native access. */
    private static boolean permitNativeAccess(Instrumentation instrumentation) throws Throwable {
        var kfr = moduleOf(layer);
        if (passNativeAccessOn(layer)) {
            return true;
        }
        // Without the option the JDK would print a warning at the first call of the kernel. The module gets the
        // permission by a door that is opened to it alone.
        instrumentation.redefineModule(
                Object.class.getModule(),
                Set.of(),
                Map.of("jdk.internal.module", Set.of(kfr)),
                Map.of("java.lang", Set.of(kfr)),
                Set.of(),
                Map.of());
        var granted = (Boolean) call(kfr, "dev.kfr.agent.NativeAccess", "grant", new Class<?>[0]);
        if (!granted) {
            Agent.say("ERROR native access is denied (--illegal-native-access=deny), and Kernel Flight Recorder cannot"
                    + " call the kernel without it: add --enable-native-access=ALL-UNNAMED."
                    + " The service runs without it.");
        }
        return granted;
    }

    /** Gives the module the permission that the class path has, by manifest or option; returns false if it has none. */
    @SuppressWarnings("restricted") // the method that enables restricted methods is one
    private static boolean passNativeAccessOn(ModuleLayer.Controller controller) {
        if (Launcher.class.getModule().isNativeAccessEnabled()) {
            controller.enableNativeAccess(moduleOf(controller));
            return true;
        }
        return false;
    }

    /** The manifest opens it to this class ({@code java -jar} only); an agent gets it from its instrumentation. */
    private static void passJavaLangOn(Module kfr) {
        var base = Object.class.getModule();
        if (base.isOpen("java.lang", Launcher.class.getModule())) {
            base.addOpens("java.lang", kfr);
        }
    }

    private static Module moduleOf(ModuleLayer.Controller controller) {
        return controller.layer().findModule(AgentModule.NAME).orElseThrow();
    }

    private static ModuleLayer.Controller defineLayer() throws IOException, URISyntaxException {
        var source = Launcher.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new IOException("kfr.jar must not be on the boot class path");
        }
        // Stays open as long as the JVM lives: classes are loaded when they are first used.
        var jar = new JarFile(new File(source.getLocation().toURI()), false, JarFile.OPEN_READ);
        return defineLayer(
                new AgentModule(jar, Path.of(source.getLocation().toURI()).toUri()));
    }

    static ModuleLayer.Controller defineLayer(ModuleFinder agent) {
        var boot = ModuleLayer.boot();
        var configuration = Configuration.resolve(
                agent, List.of(boot.configuration()), ModuleFinder.of(), Set.of(AgentModule.NAME));
        return ModuleLayer.defineModulesWithOneLoader(
                configuration, List.of(boot), ClassLoader.getPlatformClassLoader());
    }

    private static Object call(Module module, String type, String method, Class<?>[] parameters, Object... arguments)
            throws Throwable {
        try {
            return module.getClassLoader()
                    .loadClass(type)
                    .getMethod(method, parameters)
                    .invoke(null, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
