// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.pages;

import java.io.File;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.openjdk.jmc.common.item.IAttribute;
import org.openjdk.jmc.common.item.IItemIterable;
import org.openjdk.jmc.common.item.IType;
import org.openjdk.jmc.flightrecorder.JfrLoaderToolkit;

/** What Mission Control knows of the events of a recording: their types, and the attributes that its pages call by name and content type. */
record Recorded(Map<String, IType<?>> types) {

    static Recorded of(File recording) throws Exception {
        return new Recorded(JfrLoaderToolkit.loadEvents(recording).stream()
                .map(IItemIterable::getType)
                .collect(Collectors.toMap(IType::getIdentifier, type -> type, (one, same) -> one, TreeMap::new)));
    }

    static String name(IAttribute<?> attribute) {
        return attribute.getIdentifier() + ":" + attribute.getContentType().getIdentifier();
    }

    /** The attributes of all these types, as list and chart may name them. */
    Set<IAttribute<?>> attributes(Collection<String> of) {
        Set<IAttribute<?>> attributes = new LinkedHashSet<>();
        of.forEach(type -> attributes.addAll(attributesOf(type)));
        return attributes;
    }

    /** The attributes that each of these types has: by these alone Mission Control groups. */
    Set<IAttribute<?>> commonAttributes(Collection<String> of) {
        Set<IAttribute<?>> attributes = attributes(of);
        of.forEach(type -> attributes.retainAll(attributesOf(type)));
        return attributes;
    }

    @SuppressWarnings("deprecation") // Mission Control's pages ask in this way, too.
    private List<? extends IAttribute<?>> attributesOf(String type) {
        IType<?> found = types.get(type);
        if (found == null) {
            throw new AssertionError("no event of type " + type + "; there are " + types.keySet());
        }
        return found.getAttributes();
    }
}
