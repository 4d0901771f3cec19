// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
    /** Of RFC 5952, sections 4 and 5. */
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "255.0.10.3, 255.0.10.3",
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "2001:0db8:0000:0000:0000:0000:0000:0001, 2001:db8::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "0:1:1:1:1:1:1:0, 0:1:1:1:1:1:1:0"
    })
    void writesThemAsPeopleDo(String address, String text) throws Exception {
        assertEquals(text, Addresses.text(InetAddress.getByName(address).getAddress(), 7));
    }

    @Test
    void anIpv4AddressInAnIpv6OneIsAnIpv4Address() {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = -1;
        mapped[12] = (byte) 192;
        mapped[15] = 9;
        assertEquals("192.0.0.9", Addresses.text(mapped, 0));
    }

    @Test
    void onlyALinkLocalAddressHasAZone() throws Exception {
        assertEquals(
                "fe80::1%3", Addresses.text(InetAddress.getByName("fe80::1").getAddress(), 3));
        assertEquals("fe80::1", Addresses.text(InetAddress.getByName("fe80::1").getAddress(), 0));
        assertEquals("2001::1", Addresses.text(InetAddress.getByName("2001::1").getAddress(), 3));
    }

    @Test
    void noAddressIsEmpty() {
        assertEquals("", Addresses.text(new byte[0], 1));
    }

    @Test
    void whatIsWrittenIsReadAsTheSame() throws Exception {
        var random = new Random(1);
        for (int i = 0; i < 5_000; i++) {
            var bytes = new byte[16];
            for (int group = 0; group < 8; group++) {
                if (random.nextBoolean()) {
                    bytes[2 * group] = (byte) (random.nextInt(3) == 0 ? 0 : random.nextInt());
                    bytes[2 * group + 1] = (byte) random.nextInt();
                }
            }
            var text = Addresses.text(bytes, 0);
            assertArrayEquals(bytes, InetAddress.getByName(text).getAddress(), text);
        }
    }
}
