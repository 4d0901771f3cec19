// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.fleet;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The exporter's configuration: {@code fleet/jmx-exporter.yml}. */
record ExporterRules(Map<String, List<String>> excluded, List<Rule> rules) {
    static final Path FILE = Path.of("../fleet/jmx-exporter.yml");

    private static final Pattern PLAIN = Pattern.compile("kernel<type=(\\w+)><>(\\w+):");
    private static final Pattern ANY = Pattern.compile("kernel<type=(\\w+)(?:, key=.+?)?><(\\w*)>(\\w+):.*");

    /**
     * One rule.
     *
     * @param mbean the MBean that it is about, such as {@code Files}; null if of several
     * @param attribute of that MBean
     * @param factor what the attribute is multiplied by
     * @param plain whether the metric is that attribute, and not a row of a table or a text
     */
    record Rule(String metric, String mbean, String attribute, double factor, String type, boolean plain) {}

    static ExporterRules read() throws Exception {
        Map<String, Object> file = yaml(FILE);
        @SuppressWarnings("unchecked")
        var excluded = (Map<String, List<String>>) file.get("excludeObjectNameAttributes");
        var rules = new ArrayList<Rule>();
        for (var each : (List<?>) file.get("rules")) {
            rules.add(rule((Map<?, ?>) each));
        }
        return new ExporterRules(excluded, rules);
    }

    private static Rule rule(Map<?, ?> rule) {
        var pattern = rule.get("pattern").toString();
        var factor = rule.containsKey("valueFactor")
                ? Double.parseDouble(rule.get("valueFactor").toString())
                : 1;
        var plain = PLAIN.matcher(pattern).matches() && !rule.containsKey("labels");
        var any = ANY.matcher(pattern);
        boolean one = any.matches();
        var table = one ? any.group(2) : "";
        return new Rule(
                rule.get("name").toString(),
                one ? any.group(1) : null,
                one ? (table.isEmpty() ? any.group(3) : table) : null,
                factor,
                rule.get("type").toString(),
                plain);
    }

    boolean excludes(String mbean, String attribute) {
        return excluded.getOrDefault("kernel:type=" + mbean, List.of()).contains(attribute);
    }

    static <T> T yaml(Path file) throws Exception {
        try (var text = Files.newBufferedReader(file)) {
            return new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
        }
    }
}
