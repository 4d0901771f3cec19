// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class OpenFlagsTest {
    private final OpenFlags x86 = new OpenFlags(false);

    @Test
    void namesTheAccessModeFirst() {
        assertEquals("O_RDONLY", x86.text(0));
        assertEquals("O_WRONLY|O_CREAT|O_TRUNC", x86.text(01101));
        assertEquals("O_RDWR|O_CLOEXEC", x86.text(02000002));
    }

    @Test
    void aFlagThatContainsOthersIsNamedAlone() {
        assertEquals("O_WRONLY|O_TMPFILE", x86.text(020200001));
        assertEquals("O_WRONLY|O_SYNC", x86.text(04010001));
        assertEquals("O_WRONLY|O_DSYNC", x86.text(010001));
    }

    @Test
    void numbersDifferOnAarch64() {
        assertEquals("O_RDONLY|O_DIRECTORY", x86.text(0200000));
        assertEquals("O_RDONLY|O_DIRECT", new OpenFlags(true).text(0200000));
    }

    @Test
    void unknownBitsStayVisible() {
        assertEquals("O_RDONLY|0x40000000", x86.text(0x40000000));
    }
}
