// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.block;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kfr.agent.record.CompiledLayouts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What numbers of the kernel become. */
class BlockWordsTest {
    @ParameterizedTest
    @EnumSource
    void operationsHaveTheNumbersOfTheKernelSide(BlockOperation operation) {
        assertEquals(
                operation.ordinal(),
                CompiledLayouts.constant("block", "block_operation", "OPERATION_" + operation.name()));
    }

    @Test
    void aNumberThatNobodyKnowsIsSomethingElse() {
        assertEquals(BlockOperation.OTHER, BlockOperation.of(99));
        assertEquals(BlockOperation.OTHER, BlockOperation.of(-1));
    }

    @ParameterizedTest
    @CsvSource({"0,''", "-5,EIO", "-121,EREMOTEIO", "1,EOPNOTSUPP", "7,ENODATA", "10,EIO", "17,status 17"})
    void errorsAreThoseOfPrograms(int status, String error) {
        assertEquals(error, BlockStatus.error(status));
    }

    @ParameterizedTest
    @CsvSource({"0x0,''", "0x801,sync", "0x60801,sync fua preflush", "0x81000,meta readahead", "0x4001,''"})
    void flagsAreWords(String flags, String text) {
        assertEquals(text, new RequestFlags().text(Integer.decode(flags)));
    }
}
