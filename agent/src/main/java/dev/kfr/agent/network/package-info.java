// SPDX-License-Identifier: Apache-2.0
/** The network: sockets, TCP connections, and what processes send and receive. */
package dev.kfr.agent.network;
