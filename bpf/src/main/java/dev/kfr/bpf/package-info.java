// SPDX-License-Identifier: Apache-2.0
/** A loader for compiled eBPF objects in pure Java: objects, programs, maps, links and the ring buffer. */
package dev.kfr.bpf;
