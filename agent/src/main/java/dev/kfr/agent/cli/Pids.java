// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Process ids as they are written on command lines. */
final class Pids implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new TypeConversionException("'" + text + "' is no process id");
        }
        return Integer.valueOf(text);
    }
}
