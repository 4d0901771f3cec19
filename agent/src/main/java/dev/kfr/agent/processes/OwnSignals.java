// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.processes;

import dev.kfr.agent.record.Decoder;
import dev.kfr.agent.record.Layouts;
import dev.kfr.agent.record.Record;
import dev.kfr.agent.record.Text;
import java.util.function.Consumer;

/** Tells of signals that could end this JVM: {@code RECORD_OWN_SIGNAL}, which comes whether or not a recording runs. */
public final class OwnSignals implements Decoder {
    private final Text text;
    private final Consumer<String> told;
    private final int pid;
    private final int nsPid;
    private final int name;
    private final int nameLength;
    private final int uid;
    private final int signal;
    private final int origin;

    /** @param told gets a sentence for the operator, on the thread that drains the ring */
    public OwnSignals(Layouts layouts, Text text, Consumer<String> told) {
        this.text = text;
        this.told = told;
        var header = layouts.struct("header");
        pid = header.field("pid").offset();
        nsPid = header.field("ns_pid").offset();
        name = header.field("process_name").offset();
        nameLength = header.field("process_name").size();
        uid = header.field("uid").offset();
        var record = layouts.struct("signal_record");
        signal = record.field("signal").offset();
        origin = record.field("origin").offset();
    }

    @Override
    public void decode(Record record) {
        var what = SignalNames.name(record.getInt(signal)) + " was sent to this JVM by ";
        if (record.getInt(origin) != 0) {
            told.accept(what + "the kernel");
            return;
        }
        long here = record.getUnsignedInt(nsPid);
        var process = text.terminated(record, name, nameLength);
        told.accept(what + "process " + (here != 0 ? here : record.getUnsignedInt(pid)) + " (" + process + "), user "
                + record.getUnsignedInt(uid));
    }
}
