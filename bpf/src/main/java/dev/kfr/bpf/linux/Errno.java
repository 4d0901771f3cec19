// SPDX-License-Identifier: Apache-2.0
package dev.kfr.bpf.linux;

import dev.kfr.bpf.BpfException;
import dev.kfr.bpf.BpfException.Reason;

/** Error numbers of the kernel; {@code asm-generic/errno.h}, the same for x86-64 and AArch64. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOSPC = 28;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int EOVERFLOW = 75;
    public static final int EOPNOTSUPP = 95;
    /** Never meant for user space, but {@code bpf(2)} returns it ({@code linux/errno.h}). */
    public static final int ENOTSUPP = 524;

    private static final String[] NAMES =
            """
            EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY \
            EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK \
            EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT \
            EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA \
            ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW \
            ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK \
            EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT \
            EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN \
            ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE \
            EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED \
            EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL EHWPOISON"""
                    .split(" ");

    private Errno() {}

    /** Symbolic name such as {@code ENOENT}; the number as text if it has none. */
    public static String name(int errno) {
        if (errno == ENOTSUPP) {
            return "ENOTSUPP";
        }
        boolean known = errno >= 1 && errno <= NAMES.length && !NAMES[errno - 1].equals("-");
        return known ? NAMES[errno - 1] : Integer.toString(errno);
    }

    /** The number of a symbolic name such as {@code ENOENT}, or 0 if there is no such name. */
    public static int number(String name) {
        if (name.equals("ENOTSUPP")) {
            return ENOTSUPP;
        }
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name) && !name.equals("-")) {
                return i + 1;
            }
        }
        return 0;
    }

    /**
     * The exception for a system call that failed.
     *
     * @param operation what was being done
     * @param result what {@link SystemCall} returned: the negated errno
     */
    public static BpfException failure(String operation, long result) {
        return failure(operation, result, "");
    }

    /**
     * The exception for a system call that failed.
     *
     * @param operation what was being done
     * @param result what {@link SystemCall} returned: the negated errno
     * @param detail what the failure means here, or {@code ""}
     */
    public static BpfException failure(String operation, long result, String detail) {
        int errno = (int) -result;
        return new BpfException(reason(errno), operation, detail, errno, name(errno), "");
    }

    static Reason reason(int errno) {
        return switch (errno) {
            case EPERM, EACCES -> Reason.NOT_PERMITTED;
            case ENOSYS, EOPNOTSUPP, ENOTSUPP -> Reason.NOT_SUPPORTED;
            case ENOENT, ESRCH, ENXIO, ENODEV -> Reason.NOT_FOUND;
            case EINVAL, EBADF, EFAULT -> Reason.INVALID;
            case ENOMEM, ENOSPC, EMFILE, ENFILE -> Reason.NO_SPACE;
            case E2BIG, ENAMETOOLONG, EOVERFLOW -> Reason.TOO_LARGE;
            case EBUSY, EEXIST -> Reason.BUSY;
            default -> Reason.OTHER;
        };
    }
}
