// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.truth;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** A service that answers each HTTP request with as many bytes as it was sent. Prints {@code port=N}. */
public final class HttpService {
    private static final int THREADS = 4;

    private HttpService() {}

    public static void main(String[] arguments) throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.createContext("/", exchange -> {
            var body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
        System.out.println("port=" + server.getAddress().getPort());
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // until standard input ends
        }
        System.exit(0);
    }
}
