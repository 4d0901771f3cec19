// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.LongAdder;

/** Load for {@link NotesService}: {@code java NotesLoad.java PORT SECONDS}. Prints how many requests were answered. */
public final class NotesLoad {
    private static final int CLIENTS = 4;
    private static final String[] MIX = {"write", "read", "read", "read", "read", "read", "read", "read", "read", "run"};

    public static void main(String[] args) throws InterruptedException {
        int port = Integer.parseInt(args[0]);
        long end = System.nanoTime() + Long.parseLong(args[1]) * 1_000_000_000L;
        var answered = new LongAdder();
        var clients = new Thread[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = new Thread(() -> call(port, end, answered));
            clients[i].start();
        }
        for (var client : clients) {
            client.join();
        }
        System.out.println(answered.sum() + " requests answered");
    }

    private static void call(int port, long end, LongAdder answered) {
        try (var client = HttpClient.newHttpClient()) {
            for (int i = 0; System.nanoTime() < end; i++) {
                var uri = URI.create("http://127.0.0.1:" + port + "/" + MIX[i % MIX.length]);
                client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
                answered.increment();
                Thread.sleep(2);
            }
        } catch (IOException e) {
            System.err.println("load: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
