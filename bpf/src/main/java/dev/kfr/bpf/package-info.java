// SPDX-License-Identifier: Apache-2.0
/**
 * A loader for compiled eBPF objects in pure Java: objects, programs, maps, links and the ring buffer.
 *
 * <p>Reading an object ({@link dev.kfr.bpf.BpfObject}, with the packages {@code elf} and {@code btf}) runs once, in a
 * young JVM, beside a service that starts. So there are plain loops where streams, lambdas or records as keys would
 * read as well: the first use of each of them costs milliseconds, all of them together cost more than the work itself.
 */
package dev.kfr.bpf;
