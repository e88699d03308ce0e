package io.nlar;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Records of settings as text, {@code Name(field=value, …)}, where a value is a number, true or false, the name of an enum's
 * constant, or a record again. Numbers are written so that they are read back to the bit. The last fields of a record may be missing
 * where it has a constructor without them: so the texts of older versions are read, which knew fewer.
 */
final class SettingsText {
  private final String text;
  private int position;

  private SettingsText(String text) {
    this.text = text;
  }

  /** A record as text. */
  static String of(Record settings) {
    return Arrays.stream(settings.getClass().getRecordComponents())
        .map(component -> component.getName() + "=" + value(settings, component))
        .collect(Collectors.joining(", ", settings.getClass().getSimpleName() + "(", ")"));
  }

  private static String value(Record settings, RecordComponent component) {
    try {
      Object value = component.getAccessor().invoke(settings);
      return value instanceof Record inner ? of(inner) : value instanceof Enum<?> constant ? constant.name() : value.toString();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // accessors of public records do not throw
    }
  }

  /**
   * The record that a text is of.
   *
   * @throws SettingException if it is none of this type, or a value is out of its range; says where and what is expected
   */
  static <R extends Record> R parse(Class<R> type, String text) {
    SettingsText parser = new SettingsText(text);
    R settings = type.cast(parser.record(type));
    if (!parser.rest().isEmpty()) {
      throw parser.wrong("the end");
    }
    return settings;
  }

  private Object record(Class<?> type) {
    List<Class<?>> records = records(type).toList();
    String names = records.stream().map(Class::getSimpleName).collect(Collectors.joining(", "));
    int start = position;
    String name = word();
    for (Class<?> each : records) {
      if (each.getSimpleName().equals(name)) {
        return fields(each);
      }
    }
    position = start;
    throw wrong(records.size() == 1 ? names : "one of " + names);
  }

  /** A record's type, or those that a sealed interface permits. */
  private static Stream<Class<?>> records(Class<?> type) {
    return type.isSealed() ? Arrays.stream(type.getPermittedSubclasses()).flatMap(SettingsText::records) : Stream.of(type);
  }

  private Object fields(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    List<Object> values = new ArrayList<>();
    expect("(");
    for (RecordComponent component : components) {
      if (rest().startsWith(")") && constructor(type, values.size()) != null) {
        break;
      }
      if (!values.isEmpty()) {
        expect(",");
      }
      field(component.getName());
      values.add(value(component.getType()));
    }
    expect(")");
    try {
      return constructor(type, values.size()).newInstance(values.toArray());
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException refused) {
        throw refused;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // constructors of public records are public
    }
  }

  /** A record's public constructor from its first {@code count} fields, or null. */
  private static Constructor<?> constructor(Class<?> type, int count) {
    try {
      return type.getConstructor(Arrays.stream(type.getRecordComponents()).limit(count).map(RecordComponent::getType)
          .toArray(Class<?>[]::new));
    } catch (NoSuchMethodException absent) {
      return null;
    }
  }

  private Object value(Class<?> type) {
    if (!type.isPrimitive() && !type.isEnum()) {
      return record(type);
    }
    int start = position;
    String word = word();
    try {
      if (type.isEnum()) {
        return Arrays.stream(type.getEnumConstants()).filter(each -> ((Enum<?>) each).name().equals(word)).findFirst()
            .orElseThrow(IllegalArgumentException::new);
      }
      if (type == boolean.class && !word.equals("true") && !word.equals("false")) {
        throw new IllegalArgumentException(); // what Boolean reads as false
      }
      // As the primitive type's own class reads it: Double.valueOf, Integer.valueOf, ...
      return Array.get(Array.newInstance(type, 1), 0).getClass().getMethod("valueOf", String.class).invoke(null, word);
    } catch (IllegalArgumentException | InvocationTargetException unreadable) {
      position = start;
      throw wrong(type.isEnum()
          ? "one of " + Arrays.stream(type.getEnumConstants()).map(Object::toString).collect(Collectors.joining(", "))
          : type == boolean.class ? "true or false" : "a number (" + type + ")");
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What comes next, without spaces. */
  private String rest() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
    return text.substring(position);
  }

  private String word() {
    String rest = rest();
    int end = 0;
    while (end < rest.length() && "(),= \t\r\n".indexOf(rest.charAt(end)) < 0) {
      end++;
    }
    position += end;
    return rest.substring(0, end);
  }

  private void field(String name) {
    int start = position;
    if (!word().equals(name)) {
      position = start;
      throw wrong("'" + name + "'");
    }
    expect("=");
  }

  private void expect(String what) {
    if (!rest().startsWith(what)) {
      throw wrong("'" + what + "'");
    }
    position += what.length();
  }

  private SettingException wrong(String expected) {
    String rest = rest();
    return new SettingException("not a text of settings: expected " + expected + " at character " + position + ", where it has '"
        + (rest.length() > 40 ? rest.substring(0, 40) + "..." : rest) + "'; the whole text is: " + text);
  }
}
