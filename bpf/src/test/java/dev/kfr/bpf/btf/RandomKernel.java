// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.btf;

import dev.kfr.bpf.btf.Btf.Kind;
import dev.kfr.bpf.btf.BtfBuilder.Constant;
import dev.kfr.bpf.btf.BtfBuilder.Member;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Types of kernels that never were, for torture_core.bpf.c: the same names, but members come and go, move, and change
 * their types and widths. The same seed gives the same kernel.
 */
public final class RandomKernel {
    private final Random random;
    private final BtfBuilder types = new BtfBuilder();

    private RandomKernel(long seed) {
        random = new Random(seed);
    }

    public static byte[] types(long seed) {
        return new RandomKernel(seed).build();
    }

    private byte[] build() {
        List<Integer> numbers = new ArrayList<>();
        for (int bytes : new int[] {1, 2, 4, 8}) {
            numbers.add(types.integer("u" + bytes * 8, bytes, false));
            numbers.add(types.integer("s" + bytes * 8, bytes, true));
        }
        int inner = composite("inner", List.of("a", "b"), numbers);
        int number32 = numbers.get(4);
        int color = types.enumeration("color", constants("COLOR_RED", "COLOR_GREEN", "COLOR_NEGATIVE", "COLOR_GONE"));
        types.enumeration64("big", constants("BIG_LAST"));
        composite("only_here", List.of("x"), numbers);
        composite("twice", List.of("same", "before"), numbers);
        if (random.nextInt(4) == 0) {
            composite("twice", List.of("same", "other"), numbers);
        }
        types.typedef("anonymous_struct", composite("", List.of("second", "first"), numbers));
        types.typedef("number_type", pick(numbers));
        types.typedef("vector_type", types.array(pick(numbers), 1 + random.nextInt(5)));
        outer(numbers, inner, number32, color);
        bits(numbers);
        return types.bytes();
    }

    private void outer(List<Integer> numbers, int inner, int number32, int color) {
        List<Integer> structs = List.of(inner, inner, types.typedef("inner_type", inner), pick(numbers));
        int anonymous = composite("", List.of("deep", "deeper", "moved"), numbers);
        var members = new ArrayList<Member>();
        add(members, "moved_signed", numbers);
        add(members, "shrunk", numbers);
        add(members, "shrunk_signed", numbers);
        add(members, "gone", numbers);
        add(members, "moved", numbers);
        add(members, "in_union", numbers);
        add(members, "only_old", numbers);
        add(members, "nested", structs);
        add(members, "changed_kind", structs);
        add(members, "pointer", List.of(types.pointer(0), types.pointer(inner), numbers.get(6)));
        add(members, "link", List.of(types.pointer(inner)));
        add(members, "array", List.of(types.array(inner, 1 + random.nextInt(6)), inner));
        add(
                members,
                "matrix",
                List.of(types.array(types.array(number32, 4 + random.nextInt(4)), 2 + random.nextInt(3))));
        add(members, "color", List.of(color, number32));
        add(members, "text", List.of(types.array(numbers.get(1), random.nextInt(20))));
        add(members, "number", List.of(types.add("double", Kind.FLOAT, 0, Long.BYTES)));
        add(members, "", List.of(anonymous));
        Collections.shuffle(members, random);
        add(members, "flexible", List.of(types.array(inner, 0)));
        types.struct("outer", 1024, members.toArray(Member[]::new));
    }

    private void bits(List<Integer> numbers) {
        var members = new ArrayList<Member>();
        for (String name : List.of("low", "middle", "wide", "across", "small", "plain", "color")) {
            int bits = 1 + random.nextInt(33);
            int start = random.nextInt(200);
            // what crosses eight aligned bytes has no load at all; compilers don't make such
            int end = start / 64 * 64 + 64;
            members.add(new Member(name, pick(numbers), start, Math.min(bits, end - start)));
        }
        Collections.shuffle(members, random);
        types.struct("bits", 40, members.toArray(Member[]::new));
    }

    private int composite(String name, List<String> members, List<Integer> numbers) {
        var list = new ArrayList<Member>();
        members.forEach(member -> add(list, member, numbers));
        return types.struct(name, 32, list.toArray(Member[]::new));
    }

    private void add(List<Member> members, String name, List<Integer> choices) {
        if (random.nextInt(10) > 0) {
            members.add(Member.at(random.nextInt(120) * 8, name, pick(choices)));
        }
    }

    private Constant[] constants(String... names) {
        return List.of(names).stream()
                .filter(name -> random.nextInt(5) > 0)
                .map(name -> new Constant(name, random.nextInt(100) - 50))
                .toArray(Constant[]::new);
    }

    private int pick(List<Integer> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
