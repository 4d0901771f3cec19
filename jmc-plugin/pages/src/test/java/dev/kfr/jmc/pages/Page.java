// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.pages;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** A page of pages.xml, as Mission Control's generic page factory reads it. */
record Page(Element element) {
    static final String GENERIC = "org.openjdk.jmc.flightrecorder.ui.itemhandler";
    static final String THREADS = "org.openjdk.jmc.flightrecorder.ui.threads";

    static List<Page> all() throws Exception {
        return children(document("/pages.xml"), "page").map(Page::new).toList();
    }

    static Stream<Page> generic() throws Exception {
        return all().stream().filter(page -> page.factory().equals(GENERIC));
    }

    static Element document(String resource) throws Exception {
        try (InputStream in = Page.class.getResourceAsStream(resource)) {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(in)
                    .getDocumentElement();
        }
    }

    static Stream<Element> children(Element parent, String name) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element child && child.getTagName().equals(name)) {
                children.add(child);
            }
        }
        return children.stream();
    }

    static Optional<Element> child(Element parent, String name) {
        return children(parent, name).findFirst();
    }

    String id() {
        return element.getAttribute("id");
    }

    String parent() {
        return element.getAttribute("parent");
    }

    String factory() {
        return element.getAttribute("factory");
    }

    Element state() {
        return child(element, "state").orElseThrow();
    }

    Element filter() {
        return child(state(), "pageFilter").orElseThrow();
    }

    /** The event types that the page shows, of those that there are. */
    Collection<String> types(Collection<String> known) {
        return types(filter(), known);
    }

    static Collection<String> types(Element filter, Collection<String> known) {
        var types = new TreeSet<String>();
        switch (filter.getAttribute("kind")) {
            case "TYPE" -> types.add(filter.getAttribute("type"));
            case "TYPE_MATCHES" ->
                known.stream()
                        .filter(type -> type.matches(filter.getAttribute("typeMatches")))
                        .forEach(types::add);
            default -> children(filter, "filter").forEach(child -> types.addAll(types(child, known)));
        }
        return types;
    }

    /** The filters by value within a filter, each of which is met together with the types that it applies to. */
    static Stream<Element> filters(Element filter) {
        return Stream.concat(Stream.of(filter), children(filter, "filter").flatMap(Page::filters));
    }

    @Override
    public String toString() {
        return id();
    }
}
