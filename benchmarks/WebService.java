// SPDX-License-Identifier: Apache-2.0
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Executors;

/** A web server: {@code /light} computes a little, {@code /files} reads and writes files. Ends with its standard input. */
public final class WebService {
    private static final int THREADS = 8;
    private static final int FILES = 20;
    private static final int FILE_SIZE = 4096;
    private static final int SORTED = 2000;

    private WebService() {}

    public static void main(String[] args) throws Exception {
        var directory = Files.createTempDirectory(Path.of("").toAbsolutePath(), "web");
        for (int i = 0; i < FILES; i++) {
            Files.write(directory.resolve("file" + i), new byte[FILE_SIZE]);
        }
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.createContext("/light", exchange -> answer(exchange, compute()));
        server.createContext("/files", exchange -> answer(exchange, useFiles(directory)));
        server.start();
        System.out.println("port " + server.getAddress().getPort());
        System.out.println("main " + System.nanoTime());
        while (System.in.read() >= 0) {
            // until it is told to end
        }
        System.exit(0);
    }

    private static void answer(HttpExchange exchange, long value) throws IOException {
        var body = Long.toString(value).getBytes();
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static long compute() {
        var numbers = new ArrayList<Integer>();
        for (int i = 0; i < SORTED; i++) {
            numbers.add(i * 31 % SORTED);
        }
        numbers.sort(null);
        return numbers.get(SORTED / 2);
    }

    private static long useFiles(Path directory) throws IOException {
        long bytes = 0;
        for (int i = 0; i < FILES; i++) {
            bytes += Files.readAllBytes(directory.resolve("file" + i)).length;
        }
        var written = directory.resolve("written" + Thread.currentThread().threadId());
        Files.write(written, new byte[FILE_SIZE]);
        Files.delete(written);
        return bytes;
    }
}
