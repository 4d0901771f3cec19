// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.jmx;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.StringJoiner;
import javax.management.AttributeList;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.StandardMBean;

/**
 * An MXBean whose words come from {@link Described} on its interface. Of an attribute that is a table, the description names the columns too, since
 * clients show no other place for them.
 */
sealed class DescribedMBean extends StandardMBean permits NotifyingMBean {
    private final Class<?> words;
    private final Monitor monitor;

    <T> DescribedMBean(T monitor, Class<T> type) {
        super(monitor, type, true);
        this.words = type;
        this.monitor = (Monitor) monitor;
    }

    static <T> DescribedMBean of(Class<T> type, Object monitor) {
        return new DescribedMBean(type.cast(monitor), type);
    }

    @Override
    public AttributeList getAttributes(String[] attributes) {
        return monitor.during(() -> super.getAttributes(attributes));
    }

    @Override
    protected String getDescription(MBeanInfo info) {
        Described described = words.getAnnotation(Described.class);
        return described == null ? super.getDescription(info) : described.value();
    }

    @Override
    protected String getDescription(MBeanAttributeInfo info) {
        for (Method method : words.getMethods()) {
            String name = method.getName();
            boolean getter = name.equals("get" + info.getName()) || name.equals("is" + info.getName());
            Described described = method.getAnnotation(Described.class);
            if (getter && described != null) {
                return described.value() + columns(method.getGenericReturnType());
            }
        }
        return super.getDescription(info);
    }

    private static String columns(Type type) {
        if (type instanceof ParameterizedType table) {
            Type[] arguments = table.getActualTypeArguments();
            if (arguments[arguments.length - 1] instanceof Class<?> row && row.isRecord()) {
                var columns = new StringJoiner("; ", ". Columns: ", "");
                for (RecordComponent component : row.getRecordComponents()) {
                    Described described = component.getAnnotation(Described.class);
                    columns.add(component.getName() + (described == null ? "" : ": " + described.value()));
                }
                return columns.toString();
            }
        }
        return "";
    }

    @Override
    protected String getDescription(MBeanOperationInfo info) {
        Method method = operation(info);
        Described described = method == null ? null : method.getAnnotation(Described.class);
        return described == null ? super.getDescription(info) : described.value();
    }

    @Override
    protected String getDescription(MBeanOperationInfo operation, MBeanParameterInfo info, int sequence) {
        Described described = parameter(operation, sequence);
        return described == null ? super.getDescription(operation, info, sequence) : described.value();
    }

    @Override
    protected String getParameterName(MBeanOperationInfo operation, MBeanParameterInfo info, int sequence) {
        Described described = parameter(operation, sequence);
        return described == null || described.name().isEmpty()
                ? super.getParameterName(operation, info, sequence)
                : described.name();
    }

    @Override
    protected int getImpact(MBeanOperationInfo info) {
        return info.getName().equals("show") ? MBeanOperationInfo.INFO : MBeanOperationInfo.ACTION;
    }

    private Described parameter(MBeanOperationInfo operation, int sequence) {
        Method method = operation(operation);
        Parameter[] parameters = method == null ? new Parameter[0] : method.getParameters();
        return sequence < parameters.length ? parameters[sequence].getAnnotation(Described.class) : null;
    }

    /** No MXBean of ours has two operations of one name. */
    private Method operation(MBeanOperationInfo info) {
        for (Method method : words.getMethods()) {
            if (method.getName().equals(info.getName())) {
                return method;
            }
        }
        return null;
    }
}
