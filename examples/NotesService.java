// SPDX-License-Identifier: Apache-2.0
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A small service that does what services do: it keeps notes in files, syncs them to disk, reads them back, looks for some that do not
 * exist, and runs a program. Prints its port and serves until it is ended.
 *
 * <p>Run it with {@code java NotesService.java DIRECTORY}; it needs nothing but a JDK.
 */
public final class NotesService {
    private final Path directory;
    private final AtomicInteger counter = new AtomicInteger();

    private NotesService(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] args) throws IOException {
        var service = new NotesService(Files.createDirectories(Path.of(args[0])));
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.createContext("/write", service::write);
        server.createContext("/read", service::read);
        server.createContext("/run", service::run);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
        System.out.println("port " + server.getAddress().getPort());
    }

    private void write(HttpExchange exchange) throws IOException {
        var note = directory.resolve("note-" + counter.incrementAndGet() % 20 + ".txt");
        try (var file = new RandomAccessFile(note.toFile(), "rw")) {
            file.write("A note to keep.\n".repeat(64).getBytes(StandardCharsets.UTF_8));
            file.getFD().sync();
        }
        answer(exchange, 200, note.getFileName().toString());
    }

    private void read(HttpExchange exchange) throws IOException {
        var note = directory.resolve("note-" + counter.incrementAndGet() % 40 + ".txt");
        try {
            answer(exchange, 200, Files.readString(note));
        } catch (NoSuchFileException e) {
            answer(exchange, 404, "no such note");
        }
    }

    private void run(HttpExchange exchange) throws IOException {
        var process = new ProcessBuilder("date").redirectErrorStream(true).start();
        answer(exchange, 200, new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (var body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }
}
