// SPDX-License-Identifier: Apache-2.0
package dev.kfr.jmc.pages;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jfr.Configuration;
import org.openjdk.jmc.flightrecorder.configuration.spi.IConfigurationStorageDelegate;
import org.openjdk.jmc.flightrecorder.configuration.spi.IStorageProvider;

/**
 * Offers the settings of kernel events among Mission Control's recording templates. Its wizard takes one template, while kernel events are
 * meant to stand beside the JVM's own, so each is offered together with the JDK's settings for the same purpose, too: those of the JDK that
 * runs Mission Control.
 */
public final class KernelTemplates implements IStorageProvider {
    private static final Pattern HEAD = Pattern.compile("<configuration\\b[^>]*>");
    private static final Pattern LABEL = Pattern.compile("\\blabel=\"([^\"]*)\"");
    private static final Pattern DESCRIPTION = Pattern.compile("\\bdescription=\"[^\"]*\"");
    private static final String END = "</configuration>";

    @Override
    public List<IConfigurationStorageDelegate> getStorageDelegates(String fileExtension) {
        if (!fileExtension.equalsIgnoreCase(".jfc")) {
            return List.of();
        }
        List<IConfigurationStorageDelegate> templates = new ArrayList<>();
        try {
            add("kernel", "default", templates);
            add("kernel-profile", "profile", templates);
        } catch (IOException e) {
            // The files lie in this very bundle. Without them: what has been found so far.
            return templates;
        }
        return templates;
    }

    private static void add(String name, String jdkName, List<IConfigurationStorageDelegate> templates)
            throws IOException {
        String kernel = read(name + ".jfc");
        try {
            templates.add(
                    new Template(combine(Configuration.getConfiguration(jdkName).getContents(), kernel)));
        } catch (IOException | ParseException | LinkageError e) {
            // A Java runtime without Flight Recorder, or without its settings files: the kernel's alone are still of
            // use.
        }
        templates.add(new Template(kernel));
    }

    private static String read(String file) throws IOException {
        try (InputStream in = KernelTemplates.class.getResourceAsStream("/templates/" + file)) {
            if (in == null) {
                throw new IOException("Missing in the bundle: templates/" + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The settings of the JDK followed by those of kernel events, under a label that names both. */
    static String combine(String jdk, String kernel) {
        String label = label(jdk) + " + " + label(kernel);
        String events = kernel.substring(
                HEAD.matcher(kernel).results().findFirst().orElseThrow().end(), kernel.lastIndexOf(END));
        Matcher head = HEAD.matcher(jdk);
        String newHead = head.results().findFirst().orElseThrow().group();
        newHead = LABEL.matcher(newHead).replaceFirst(Matcher.quoteReplacement("label=\"" + label + "\""));
        newHead = DESCRIPTION.matcher(newHead).replaceFirst("description=\"Events of the JVM and of the kernel\"");
        String body = jdk.substring(0, jdk.lastIndexOf(END)) + events + END + "\n";
        return HEAD.matcher(body).replaceFirst(Matcher.quoteReplacement(newHead));
    }

    private static String label(String configuration) {
        Matcher label = LABEL.matcher(configuration);
        return label.find() ? label.group(1) : "";
    }
}
