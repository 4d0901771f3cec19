// SPDX-License-Identifier: Apache-2.0
/** A service that does nothing until its standard input ends. Says when {@code main} began. */
public final class Idle {
    public static void main(String[] args) throws Exception {
        System.out.println("main " + System.nanoTime());
        System.out.flush();
        while (System.in.read() >= 0) {
            // until it is told to end
        }
    }
}
