// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf;

/**
 * The one exception of this module: something about an eBPF object, program, map or link did not work.
 *
 * <p>Callers decide by {@link #reason()}; the message is for people. Where the kernel refused a system call
 * {@link #errno()} has its answer, and {@link #verifierLog()} what the verifier said about a program.
 */
public final class BpfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of failure it was; what a caller may want to do about it differs from one to the next. */
    public enum Reason {
        /** A capability is missing, or a security policy (seccomp, lockdown, LSM) said no. */
        NOT_PERMITTED,
        /** This kernel does not have the feature. */
        NOT_SUPPORTED,
        /** What was named does not exist: a program, map, type, variable or attach point. */
        NOT_FOUND,
        /** The input makes no sense: a damaged object or BTF, or arguments that the kernel rejects. */
        INVALID,
        /** No memory, or the memory lock limit is too low. */
        NO_SPACE,
        /** Larger than a limit of the kernel or of this module. */
        TOO_LARGE,
        /** Somebody else holds what was asked for. */
        BUSY,
        /** The kernel's verifier rejected a program; see {@link BpfException#verifierLog()}. */
        VERIFIER,
        /** None of the above; {@link BpfException#errno()} tells more. */
        OTHER
    }

    private final Reason reason;
    private final String operation;
    private final int errno;
    private final String errnoName;
    private final String verifierLog;

    /**
     * A failure without a system call behind it.
     *
     * @param operation what was being done, such as {@code "parse syscalls.bpf.o"}
     * @param detail what is wrong
     */
    public BpfException(Reason reason, String operation, String detail) {
        this(reason, operation, detail, null);
    }

    /** A failure that another exception caused. */
    public BpfException(Reason reason, String operation, String detail, Throwable cause) {
        super(operation + ": " + detail, cause);
        this.reason = reason;
        this.operation = operation;
        this.errno = 0;
        this.errnoName = "";
        this.verifierLog = "";
    }

    /**
     * A system call that failed.
     *
     * @param detail what the failure means here, or {@code ""} if the errno says it all
     * @param errnoName the symbolic name of {@code errno}, such as {@code "EPERM"}
     * @param verifierLog what the verifier wrote, or {@code ""}
     */
    public BpfException(
            Reason reason, String operation, String detail, int errno, String errnoName, String verifierLog) {
        super(operation + ": " + errnoName + (detail.isEmpty() ? "" : " (" + detail + ")"));
        this.reason = reason;
        this.operation = operation;
        this.errno = errno;
        this.errnoName = errnoName;
        this.verifierLog = verifierLog;
    }

    /** What kind of failure it was. */
    public Reason reason() {
        return reason;
    }

    /** What was being done, such as {@code "load program on_sys_exit"}. */
    public String operation() {
        return operation;
    }

    /** The system call's error number, 0 if none was involved. */
    public int errno() {
        return errno;
    }

    /** Symbolic name of {@link #errno()}, such as {@code "EPERM"}; empty if no system call was involved. */
    public String errnoName() {
        return errnoName;
    }

    /** The verifier's log of a program that was rejected, else empty. */
    public String verifierLog() {
        return verifierLog;
    }
}
