// SPDX-License-Identifier: Apache-2.0
package dev.kfr.boot;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The module {@code dev.kfr}: what lies in the jar under {@code kfr/}.
 *
 * <p>It is described here and not by a {@code module-info}, because the JDK's optional modules are required only where
 * this JVM has them. It is open: JFR and JMX look into event classes and rows by reflection.
 */
final class AgentModule implements ModuleFinder {
    static final String NAME = "dev.kfr";
    private static final String ROOT = "kfr/";
    private static final List<String> OPTIONAL = List.of(
            "java.instrument",
            "java.logging",
            "java.management",
            "java.rmi",
            "jdk.attach",
            "jdk.jfr",
            "jdk.management",
            "jdk.management.agent",
            "jdk.management.jfr");

    private final ModuleReference reference;

    /**
     * @param jar stays in use for as long as classes may be loaded
     * @param location where the jar lies
     */
    AgentModule(JarFile jar, URI location) throws IOException {
        reference = new ModuleReference(describe(jar), location) {
            @Override
            public ModuleReader open() {
                return new Reader(jar, location);
            }
        };
    }

    @Override
    public Optional<ModuleReference> find(String name) {
        return name.equals(NAME) ? Optional.of(reference) : Optional.empty();
    }

    @Override
    public Set<ModuleReference> findAll() {
        return Set.of(reference);
    }

    private static ModuleDescriptor describe(JarFile jar) throws IOException {
        var module = ModuleDescriptor.newOpenModule(NAME)
                .packages(packages(jar))
                .requires(Set.of(Requires.Modifier.MANDATED), "java.base");
        for (var name : OPTIONAL) {
            if (ModuleLayer.boot().findModule(name).isPresent()) {
                module.requires(name);
            }
        }
        var manifest = jar.getManifest();
        var version =
                manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
        if (version != null) {
            module.version(version);
        }
        return module.build();
    }

    private static Set<String> packages(JarFile jar) {
        var packages = new HashSet<String>();
        for (var entries = jar.entries(); entries.hasMoreElements(); ) {
            var name = entries.nextElement().getName();
            if (name.startsWith(ROOT) && name.endsWith(".class")) {
                packages.add(
                        name.substring(ROOT.length(), name.lastIndexOf('/')).replace('/', '.'));
            }
        }
        return packages;
    }

    private record Reader(JarFile jar, URI location) implements ModuleReader {
        @Override
        public Optional<URI> find(String name) {
            return jar.getEntry(ROOT + name) == null
                    ? Optional.empty()
                    : Optional.of(URI.create("jar:" + location + "!/" + ROOT + name));
        }

        @Override
        public Optional<InputStream> open(String name) throws IOException {
            var entry = jar.getEntry(ROOT + name);
            return entry == null ? Optional.empty() : Optional.of(jar.getInputStream(entry));
        }

        @Override
        public Stream<String> list() {
            return jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith(ROOT) && name.length() > ROOT.length())
                    .map(name -> name.substring(ROOT.length()));
        }

        /** The jar stays open: other readers and late class loading use it. */
        @Override
        public void close() {}
    }
}
