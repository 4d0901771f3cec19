// SPDX-License-Identifier: Apache-2.0

/** One question about cost, answered by measuring ours beside others in the same run. */
interface Benchmark {
    /** As it is asked for on the command line. */
    String name();

    /** Heading of its part of the page. */
    String title();

    /**
     * Measures.
     *
     * @param bench how
     * @param answer takes tables and ratios
     */
    void run(Bench bench, Answer answer) throws Exception;
}
