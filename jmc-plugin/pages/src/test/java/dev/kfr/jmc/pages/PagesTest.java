// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmc.common.item.Aggregators;
import org.openjdk.jmc.common.item.IAttribute;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.KindOfQuantity;
import org.openjdk.jmc.common.unit.LinearKindOfQuantity;
import org.w3c.dom.Element;

/**
 * Holds pages.xml and the events together. Mission Control leaves out in silence what it can't find, and a page without its parts can
 * keep a recording from being opened: so every name is looked up here in the way Mission Control does.
 */
class PagesTest {
    private static final Pattern AGGREGATE = Pattern.compile("(SUM|AVG|MIN|MAX|STDDEVP)(.+:.+)");
    /** What fits beside the outline in a window of 1400 pixels. */
    private static final int LINE = 140;
    /** What a table may be wide there, in pixels. */
    private static final int WIDTH = 1020;

    @TempDir
    static Path directory;

    static Recorded recorded;

    @BeforeAll
    static void record() throws Exception {
        Path file = directory.resolve("sample.jfr");
        SampleRecording.write(file);
        recorded = Recorded.of(file.toFile());
    }

    static Stream<Page> genericPages() throws Exception {
        return Page.generic();
    }

    @ParameterizedTest
    @MethodSource("genericPages")
    void showsEventsThatThereAre(Page page) {
        Collection<String> types = types(page);

        assertTrue(!types.isEmpty(), "no type of event");
        assertEquals(Set.of(), minus(types, recorded.types().keySet()), "types without an event");
    }

    @ParameterizedTest
    @MethodSource("genericPages")
    void filtersByFieldsThatThereAre(Page page) {
        Page.filters(page.filter())
                .filter(filter -> filter.hasAttribute("field"))
                .forEach(filter -> {
                    String name = filter.getAttribute("field") + ":" + filter.getAttribute("type");
                    assertTrue(names(recorded.attributes(types(page))).contains(name), () -> "no field " + name);
                });
    }

    @ParameterizedTest
    @MethodSource("genericPages")
    void groupsByWhatAllItsEventsHave(Page page) {
        Element histogram = Page.child(page.state(), "histogram").orElseThrow();
        Set<String> common = recorded.commonAttributes(types(page)).stream()
                .map(IAttribute::getIdentifier)
                .collect(Collectors.toSet());

        String groupBy = histogram.getAttribute("groupBy");
        assertTrue(common.contains(groupBy), () -> groupBy + " is not among " + new TreeSet<>(common));
    }

    @ParameterizedTest
    @MethodSource("genericPages")
    void summarizesQuantitiesThatThereAre(Page page) {
        Element table = Page.child(Page.child(page.state(), "histogram").orElseThrow(), "table")
                .orElseThrow();
        Collection<String> types = types(page);
        Map<String, IAttribute<?>> attributes = byName(recorded.attributes(types));
        for (String column : columns(table)) {
            if (column.startsWith("COUNT")) {
                assertTrue(types.contains(column.substring("COUNT".length())), () -> "not shown here: " + column);
            } else if (!column.startsWith("itemhistogram.")) {
                Matcher aggregate = AGGREGATE.matcher(column);
                assertTrue(aggregate.matches(), () -> "neither a count nor an aggregate: " + column);
                IAttribute<?> attribute = attributes.get(aggregate.group(2));
                assertNotNull(attribute, () -> column + " is not among " + attributes.keySet());
                Class<?> kind = aggregate.group(1).equals("SUM") ? LinearKindOfQuantity.class : KindOfQuantity.class;
                assertTrue(kind.isInstance(attribute.getContentType()), () -> column + " has no such aggregate");
            }
        }
        assertSortedByAColumn(table);
    }

    @ParameterizedTest
    @MethodSource("genericPages")
    void summarizesNoMoreThanFitsIntoTheWindow(Page page) {
        Element table = Page.child(Page.child(page.state(), "histogram").orElseThrow(), "table")
                .orElseThrow();
        int width = Page.children(table, "column")
                .mapToInt(column -> Integer.parseInt(column.getAttribute("width")))
                .sum();
        assertTrue(width <= WIDTH, () -> "columns of " + width + " pixels");
    }

    @ParameterizedTest
    @MethodSource("genericPages")
    void listsFieldsThatThereAre(Page page) {
        Element list = Page.child(listAndChart(page), "listSettings").orElseThrow();

        Set<String> names = names(recorded.attributes(types(page)));
        assertEquals(Set.of(), minus(columns(list), names), () -> "columns that are not among " + names);
        assertSortedByAColumn(list);
    }

    @ParameterizedTest
    @MethodSource("genericPages")
    void drawsQuantitiesThatThereAre(Page page) {
        Element chart = Page.child(listAndChart(page), "chartSettings").orElseThrow();
        Collection<String> types = types(page);
        Map<String, IAttribute<?>> attributes = byName(recorded.attributes(types));
        if (chart.hasAttribute("colorBy")) {
            assertTrue(attributes.containsKey(chart.getAttribute("colorBy")), chart.getAttribute("colorBy"));
        }
        for (String bar : items(chart, "barChartAttributes")) {
            String[] parts = bar.split(";");
            IAttribute<?> attribute = attributes.get(parts[0]);
            assertNotNull(attribute, () -> bar + " is not among " + attributes.keySet());
            assertTrue(attribute.getContentType() instanceof LinearKindOfQuantity, () -> bar + " can't be drawn");
            @SuppressWarnings("unchecked")
            var quantity = (IAttribute<IQuantity>) attribute;
            assertNotNull(Aggregators.getQuantityAggregator(parts[1], quantity), () -> "no such aggregate: " + bar);
        }
        for (String bar : items(chart, "barChartTypes")) {
            assertTrue(types.contains(bar.split(";")[0]), () -> "not shown here: " + bar);
            assertNotNull(Aggregators.getQuantityAggregator(bar.split(";")[1]), bar);
        }
        for (String bar : items(chart, "barChartAggregates")) {
            assertNotNull(Aggregators.getQuantityAggregator(bar), bar);
        }
        assertTrue(chart.getAttributes().getLength() > 0, "an empty chart");
    }

    @ParameterizedTest
    @MethodSource("genericPages")
    void hasNameIconAndADescriptionThatFitsIntoTheWindow(Page page) throws Exception {
        Element state = page.state();
        assertTrue(!state.getAttribute("name").isBlank());
        List<String> lines = state.getAttribute("description").lines().toList();
        assertTrue(!lines.isEmpty() && lines.size() <= 3, () -> lines.size() + " lines");
        lines.forEach(line -> assertTrue(line.length() <= LINE, () -> line.length() + ": " + line));

        var properties = new Properties();
        try (var in = new InputStreamReader(
                PagesTest.class.getResourceAsStream("/plugin.properties"), StandardCharsets.ISO_8859_1)) {
            properties.load(in);
        }
        String icon = properties.getProperty(state.getAttribute("icon").substring(1));
        assertNotNull(icon, () -> "no icon " + state.getAttribute("icon"));
        var image = ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(icon)));
        assertEquals("16 x 16", image.getWidth() + " x " + image.getHeight());
    }

    @ParameterizedTest
    @MethodSource("genericPages")
    void showsResultsOfItsOwnTopicOnly(Page page) {
        // A topic of the JDK's rules would send their results here, away from Mission Control's own pages.
        List<String> topics = Page.children(page.state(), "topic")
                .map(topic -> topic.getAttribute("value"))
                .toList();
        assertEquals(List.of(page.id()), topics);
    }

    @Test
    void laneDefinitionsNameEventsThatThereAre() throws Exception {
        for (Page page : Page.all()) {
            Page.children(page.state(), "threadLane").forEach(lane -> {
                Element filter = Page.child(lane, "filter").orElseThrow();
                Set<String> known = recorded.types().keySet();
                assertEquals(Set.of(), minus(Page.types(filter, known), known), lane.getAttribute("name"));
            });
        }
    }

    @Test
    void everyKindOfEventIsOnAPage() throws Exception {
        Set<String> shown = new HashSet<>();
        for (Page page : Page.generic().filter(page -> !page.parent().isEmpty()).toList()) {
            shown.addAll(types(page));
        }
        Set<String> kernel = recorded.types().keySet().stream()
                .filter(type -> type.startsWith("kernel."))
                .collect(Collectors.toSet());

        assertEquals(Set.of(), minus(kernel, shown));
    }

    @Test
    void pagesHaveIdsOfTheirOwnAndParentsAmongThem() throws Exception {
        Set<String> ids = new HashSet<>();
        for (Page page : Page.all()) {
            assertTrue(page.parent().isEmpty() || ids.contains(page.parent()), () -> "parent of " + page);
            assertTrue(ids.add(page.id()), () -> "twice: " + page);
            assertTrue(Set.of(Page.GENERIC, Page.THREADS).contains(page.factory()), () -> "factory of " + page);
        }
    }

    @Test
    void theConsoleTabIsMadeByTheBundleThatHasItsClass() throws Exception {
        // Written in any other way the tab stays empty, with nothing but a line in Mission Control's log.
        var classes = Page.document("/plugin.xml").getElementsByTagName("class");
        assertEquals(1, classes.getLength());
        Element tab = (Element) classes.item(0);
        assertEquals("org.openjdk.jmc.console.ui", tab.getAttribute("plugin"));
        assertTrue(tab.getAttribute("class").startsWith("org.openjdk.jmc.console.ui."), tab.getAttribute("class"));
    }

    private static Collection<String> types(Page page) {
        return page.types(recorded.types().keySet());
    }

    private static Element listAndChart(Page page) {
        return Page.child(page.state(), "listAndChart").orElseThrow();
    }

    private static void assertSortedByAColumn(Element table) {
        List<String> columns = columns(table);
        assertTrue(columns.contains(table.getAttribute("sortColumn")), () -> "sorted by none of " + columns);
        assertEquals(columns.size(), new HashSet<>(columns).size(), () -> "a column twice: " + columns);
    }

    private static List<String> columns(Element table) {
        return Page.children(table, "column")
                .map(column -> column.getAttribute("id"))
                .toList();
    }

    private static List<String> items(Element element, String attribute) {
        return element.hasAttribute(attribute)
                ? List.of(element.getAttribute(attribute).split(","))
                : List.of();
    }

    private static Map<String, IAttribute<?>> byName(Collection<IAttribute<?>> attributes) {
        return attributes.stream().collect(Collectors.toMap(Recorded::name, a -> a, (one, same) -> one));
    }

    private static Set<String> names(Collection<IAttribute<?>> attributes) {
        return attributes.stream().map(Recorded::name).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> minus(Collection<String> all, Collection<String> known) {
        Set<String> rest = new TreeSet<>(all);
        rest.removeAll(known);
        return rest;
    }
}
