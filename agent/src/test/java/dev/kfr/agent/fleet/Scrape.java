// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What an exporter answered, in Prometheus' text format. */
record Scrape(Map<String, Double> samples, Map<String, String> types) {
    private static final Pattern SAMPLE = Pattern.compile("([a-z_]\\w*(?:\\{.*})?) (\\S+)");
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\w+) (\\w+)");

    static Scrape of(int port) throws Exception {
        var response = Prometheus.get(port, "/metrics");
        assertEquals(200, response.statusCode(), response::body);
        var samples = new TreeMap<String, Double>();
        var types = new TreeMap<String, String>();
        response.body().lines().forEach(line -> {
            var sample = SAMPLE.matcher(line);
            var type = TYPE.matcher(line);
            if (sample.matches()) {
                samples.put(sample.group(1), Double.valueOf(sample.group(2)));
            } else if (type.matches()) {
                types.put(type.group(1), type.group(2));
            }
        });
        return new Scrape(samples, types);
    }

    /** The value of a metric without labels; NaN if it is not there. */
    double value(String metric) {
        return samples.getOrDefault(metric, Double.NaN);
    }

    /** Whether the metric is there, with any labels. */
    boolean has(String metric) {
        return samples.keySet().stream().anyMatch(name -> name.equals(metric) || name.startsWith(metric + "{"));
    }
}
