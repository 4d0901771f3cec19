// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.threads;

import java.util.List;
import org.openjdk.jmc.common.item.Attribute;
import org.openjdk.jmc.common.item.IAttribute;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.JfrAttributes;
import org.openjdk.jmc.flightrecorder.parser.IEventSink;
import org.openjdk.jmc.flightrecorder.parser.IEventSinkFactory;
import org.openjdk.jmc.flightrecorder.parser.IParserExtension;
import org.openjdk.jmc.flightrecorder.parser.ValueField;

/**
 * Makes the thread that caused a kernel event its event thread, so that it stands on that thread's lane. As recorded, the
 * event thread is the one that committed the event: for all of them the agent's reader. Mission Control draws lanes by event
 * thread alone, hence a parser extension; it is found as a service, by JMC's core as well as by Mission Control.
 *
 * <p>Events keep their fields; only the value of one changes. What no Java thread of this JVM caused goes to one lane of its own.
 */
public final class KernelThreads implements IParserExtension {
    private static final String KERNEL_EVENTS = "kernel.";
    private static final IAttribute<?> JAVA_THREAD = Attribute.attr("javaThread", "Java Thread", UnitLookup.THREAD);

    @Override
    public IEventSinkFactory getEventSinkFactory(IEventSinkFactory next) {
        return new IEventSinkFactory() {
            @Override
            public IEventSink create(
                    String type, String label, String[] category, String description, List<ValueField> fields) {
                IEventSink sink = next.create(type, label, category, description, fields);
                int eventThread = indexOf(JfrAttributes.EVENT_THREAD, fields);
                if (!type.startsWith(KERNEL_EVENTS) || eventThread < 0) {
                    return sink;
                }
                int javaThread = indexOf(JAVA_THREAD, fields);
                return values -> {
                    Object cause = javaThread < 0 ? null : values[javaThread];
                    values[eventThread] = cause == null ? OtherThreads.OF_THE_HOST : cause;
                    sink.addEvent(values);
                };
            }

            @Override
            public void flush() {
                next.flush();
            }
        };
    }

    private static int indexOf(IAttribute<?> attribute, List<ValueField> fields) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).matches(attribute)) {
                return i;
            }
        }
        return -1;
    }
}
