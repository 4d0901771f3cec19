// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What an operator reads about an MBean, an attribute (on its getter), a column (on the row's component), an operation or a parameter. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
public @interface Described {
    String value();

    /** Of a parameter: what clients call it. */
    String name() default "";
}
