// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

import dev.kfr.bpf.btf.KernelBtf;
import dev.kfr.bpf.elf.ElfObject;
import dev.kfr.bpf.linux.SystemCall;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The objects of {@code src/test/bpf}, compiled for this machine. */
final class TestObjects {
    /** Number of {@code capget(2)}: a call that the JVM never makes, so that tests can count it. */
    static final int TRIGGER = System.getProperty("os.arch").equals("amd64") ? 125 : 90;

    private static final class Kernel {
        static final KernelBtf TYPES = KernelBtf.ofRunningKernel();
    }

    private TestObjects() {}

    /** The running kernel's types, read once for all tests. */
    static KernelBtf kernel() {
        return Kernel.TYPES;
    }

    /** Makes the call that programs count. */
    static void trigger() {
        SystemCall.CAPGET.call();
    }

    static BpfObject parse(String file) {
        return BpfObject.parse(file, bytes(file));
    }

    static byte[] bytes(String file) {
        return bytes(System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64", file);
    }

    static byte[] bytes(String architecture, String file) {
        String resource = "/bpf-test/" + architecture + "/" + file;
        try (var in = TestObjects.class.getResourceAsStream(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }

    /** The types of {@code torture_kernel.bpf.c}. */
    static KernelBtf imaginaryKernel() {
        ElfObject elf = ElfObject.parse("torture_kernel", bytes("torture_kernel.bpf.o"));
        return KernelBtf.parse(elf.section(".BTF").bytes());
    }
}
