// SPDX-License-Identifier: Apache-2.0
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Arc2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import javax.imageio.ImageIO;

/**
 * Draws the icons of pages and console tab, 16 x 16 pixels: run in the directory jmc-plugin/pages as {@code java
 * src/icons/DrawIcons.java} after a change here. Pages want an icon as base64 text, which pages.xml takes from plugin.properties.
 */
public final class DrawIcons {
    private static final int SIZE = 16;
    private static final Color INK = new Color(0x37474f);
    private static final Color BLUE = new Color(0x1e78c8);
    private static final Color GREEN = new Color(0x2e9b4f);
    private static final Color ORANGE = new Color(0xe07b1a);
    private static final Color RED = new Color(0xc8372d);
    private static final Color PAPER = new Color(0xf7f9fa);

    public static void main(String[] args) throws IOException {
        Path resources = Path.of("src/main/resources");
        var text = new StringBuilder("# Icons of pages.xml, PNG in base64; written by src/icons/DrawIcons.java\n");
        for (var icon : icons().entrySet()) {
            byte[] png = png(icon.getValue());
            text.append("icon.").append(icon.getKey()).append('=');
            text.append(Base64.getEncoder().encodeToString(png)).append('\n');
            if (icon.getKey().equals("kernel")) {
                Files.write(resources.resolve("icons/kernel.png"), png);
            }
        }
        Files.writeString(resources.resolve("plugin.properties"), text);
    }

    private static Map<String, Consumer<Graphics2D>> icons() {
        var icons = new LinkedHashMap<String, Consumer<Graphics2D>>();
        icons.put("kernel", DrawIcons::kernel);
        icons.put("syscalls", DrawIcons::syscalls);
        icons.put("files", g -> sheet(g, BLUE));
        icons.put("processes", DrawIcons::processes);
        icons.put("cpu", g -> chip(g, BLUE));
        icons.put("cpus", DrawIcons::bars);
        icons.put("memory", DrawIcons::memory);
        icons.put("network", DrawIcons::network);
        icons.put("connections", DrawIcons::connection);
        icons.put("block", g -> disk(g, 2, 1, 12, 14));
        icons.put("agent", DrawIcons::gauge);
        icons.put("cost", DrawIcons::clock);
        icons.put("gc", DrawIcons::cycle);
        icons.put("threads", DrawIcons::lanes);
        icons.put("fileio", DrawIcons::sheetAndDisk);
        icons.put("sockets", DrawIcons::socket);
        icons.put("native", DrawIcons::braces);
        return icons;
    }

    private static byte[] png(Consumer<Graphics2D> icon) throws IOException {
        var image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_ARGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        g.setStroke(new BasicStroke(1.4f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        icon.accept(g);
        g.dispose();
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    private static void kernel(Graphics2D g) {
        fill(g, GREEN, new Ellipse2D.Double(1, 1, 14, 14));
        fill(g, PAPER, new Ellipse2D.Double(3.5, 3.5, 9, 9));
        fill(g, ORANGE, new Ellipse2D.Double(5.5, 5.5, 5, 5));
    }

    private static void syscalls(Graphics2D g) {
        line(g, INK, 1, 8, 4, 8);
        line(g, INK, 12, 8, 15, 8);
        arrow(g, BLUE, 5.5, 2, 13);
        arrow(g, GREEN, 10.5, 14, 3);
    }

    private static void sheet(Graphics2D g, Color lines) {
        var paper = new Path2D.Double();
        paper.moveTo(3, 1);
        paper.lineTo(10, 1);
        paper.lineTo(13, 4);
        paper.lineTo(13, 15);
        paper.lineTo(3, 15);
        paper.closePath();
        fill(g, PAPER, paper);
        g.setColor(INK);
        g.draw(paper);
        for (int y = 6; y <= 12; y += 3) {
            line(g, lines, 5.5, y, 10.5, y);
        }
    }

    private static void processes(Graphics2D g) {
        window(g, 1, 1, BLUE);
        window(g, 5, 6, GREEN);
    }

    private static void window(Graphics2D g, int x, int y, Color bar) {
        fill(g, PAPER, new Rectangle2D.Double(x, y, 9.5, 8.5));
        fill(g, bar, new Rectangle2D.Double(x, y, 9.5, 3));
        g.setColor(INK);
        g.draw(new Rectangle2D.Double(x, y, 9.5, 8.5));
    }

    private static void chip(Graphics2D g, Color core) {
        for (int i = 5; i <= 11; i += 3) {
            line(g, INK, i, 1, i, 15);
            line(g, INK, 1, i, 15, i);
        }
        fill(g, PAPER, new Rectangle2D.Double(3, 3, 10, 10));
        g.setColor(INK);
        g.draw(new Rectangle2D.Double(3, 3, 10, 10));
        fill(g, core, new Rectangle2D.Double(5.5, 5.5, 5, 5));
    }

    private static void bars(Graphics2D g) {
        fill(g, BLUE, new Rectangle2D.Double(1.5, 7, 3, 8));
        fill(g, GREEN, new Rectangle2D.Double(6.5, 2, 3, 13));
        fill(g, ORANGE, new Rectangle2D.Double(11.5, 10, 3, 5));
        line(g, INK, 0.8, 15.2, 15.2, 15.2);
    }

    private static void memory(Graphics2D g) {
        fill(g, GREEN, new RoundRectangle2D.Double(1, 4, 14, 7, 2, 2));
        for (int x = 3; x <= 11; x += 4) {
            fill(g, INK, new Rectangle2D.Double(x, 5.8, 2.4, 3.4));
        }
        for (int x = 3; x <= 13; x += 2) {
            line(g, ORANGE, x, 11.5, x, 13);
        }
    }

    private static void network(Graphics2D g) {
        line(g, INK, 8, 4, 3.5, 12);
        line(g, INK, 8, 4, 12.5, 12);
        line(g, INK, 3.5, 12, 12.5, 12);
        dot(g, BLUE, 8, 4, 3);
        dot(g, GREEN, 3.5, 12, 3);
        dot(g, ORANGE, 12.5, 12, 3);
    }

    private static void connection(Graphics2D g) {
        line(g, INK, 4, 8, 12, 8);
        dot(g, BLUE, 3.8, 8, 3);
        dot(g, GREEN, 12.2, 8, 3);
    }

    private static void disk(Graphics2D g, double x, double y, double width, double height) {
        double lid = height / 3.5;
        fill(g, PAPER, new Rectangle2D.Double(x, y + lid / 2, width, height - lid));
        fill(g, PAPER, new Ellipse2D.Double(x, y + height - lid, width, lid));
        g.setColor(INK);
        g.draw(new Arc2D.Double(x, y + height - lid, width, lid, 180, 180, Arc2D.OPEN));
        g.draw(new Arc2D.Double(x, y + (height - lid) / 2, width, lid, 180, 180, Arc2D.OPEN));
        line(g, INK, x, y + lid / 2, x, y + height - lid / 2);
        line(g, INK, x + width, y + lid / 2, x + width, y + height - lid / 2);
        fill(g, BLUE, new Ellipse2D.Double(x, y, width, lid));
        g.setColor(INK);
        g.draw(new Ellipse2D.Double(x, y, width, lid));
    }

    private static void gauge(Graphics2D g) {
        g.setStroke(new BasicStroke(2.4f));
        g.setColor(GREEN);
        g.draw(new Arc2D.Double(2, 3, 12, 12, 180, -70, Arc2D.OPEN));
        g.setColor(ORANGE);
        g.draw(new Arc2D.Double(2, 3, 12, 12, 110, -60, Arc2D.OPEN));
        g.setColor(RED);
        g.draw(new Arc2D.Double(2, 3, 12, 12, 50, -50, Arc2D.OPEN));
        g.setStroke(new BasicStroke(1.6f));
        line(g, INK, 8, 11, 5, 6);
        dot(g, INK, 8, 11, 2);
    }

    private static void clock(Graphics2D g) {
        fill(g, PAPER, new Ellipse2D.Double(1.5, 1.5, 13, 13));
        g.setColor(INK);
        g.draw(new Ellipse2D.Double(1.5, 1.5, 13, 13));
        line(g, RED, 8, 8, 8, 4);
        line(g, RED, 8, 8, 11, 9.5);
    }

    private static void cycle(Graphics2D g) {
        g.setStroke(new BasicStroke(2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND));
        g.setColor(GREEN);
        g.draw(new Arc2D.Double(2.5, 2.5, 11, 11, 150, -210, Arc2D.OPEN));
        g.setColor(ORANGE);
        g.draw(new Arc2D.Double(2.5, 2.5, 11, 11, -80, -110, Arc2D.OPEN));
        dot(g, ORANGE, 2.7, 7, 2.2);
        dot(g, GREEN, 10.5, 13, 2.2);
    }

    private static void lanes(Graphics2D g) {
        lane(g, 2, BLUE, 1, 9);
        lane(g, 6.5, GREEN, 5, 10);
        lane(g, 11, ORANGE, 2, 6);
        fill(g, BLUE, new Rectangle2D.Double(11, 11, 4, 3));
    }

    private static void lane(Graphics2D g, double y, Color color, double x, double width) {
        fill(g, new Color(0xd5dde1), new Rectangle2D.Double(1, y, 14, 3));
        fill(g, color, new Rectangle2D.Double(x, y, width, 3));
    }

    private static void sheetAndDisk(Graphics2D g) {
        AffineTransform whole = g.getTransform();
        g.scale(0.7, 0.7);
        sheet(g, BLUE);
        g.setTransform(whole);
        disk(g, 7, 7.5, 8, 7.5);
    }

    private static void socket(Graphics2D g) {
        fill(g, BLUE, new RoundRectangle2D.Double(4, 5, 8, 6, 3, 3));
        line(g, INK, 6, 1.5, 6, 5);
        line(g, INK, 10, 1.5, 10, 5);
        line(g, INK, 8, 11, 8, 15);
    }

    private static void braces(Graphics2D g) {
        g.setFont(new Font(Font.MONOSPACED, Font.BOLD, 13));
        g.setColor(INK);
        g.drawString("{", 0, 12);
        g.drawString("}", 8.5f, 12);
        dot(g, ORANGE, 8, 8, 2.2);
    }

    private static void fill(Graphics2D g, Color color, java.awt.Shape shape) {
        g.setColor(color);
        g.fill(shape);
    }

    private static void line(Graphics2D g, Color color, double x1, double y1, double x2, double y2) {
        g.setColor(color);
        g.draw(new Line2D.Double(x1, y1, x2, y2));
    }

    private static void dot(Graphics2D g, Color color, double x, double y, double radius) {
        fill(g, color, new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
    }

    private static void arrow(Graphics2D g, Color color, double x, double from, double to) {
        line(g, color, x, from, x, to);
        double back = Math.signum(from - to) * 3;
        line(g, color, x, to, x - 2.5, to + back);
        line(g, color, x, to, x + 2.5, to + back);
    }
}
