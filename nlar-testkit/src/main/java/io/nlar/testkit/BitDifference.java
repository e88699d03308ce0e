package io.nlar.testkit;

/**
 * The first number in which a device differs from the reference step.
 *
 * @param where the case
 * @param step the step after which it showed, from 1
 * @param quantity what: {@code theta}, a state slot, {@code gradient}, {@code sum of squares}, {@code control}
 * @param parameter the parameter's name; empty where the quantity belongs to the whole step
 * @param index the element
 * @param expected what the reference computed
 * @param actual what the device computed
 * @param differing how many elements of this tensor differ
 */
public record BitDifference(String where, int step, String quantity, String parameter, int index, double expected,
    double actual, long differing) {

  @Override
  public String toString() {
    return where + ", step " + step + ": " + quantity + (parameter.isEmpty() ? "" : " of '" + parameter + "'") + "["
        + index + "] expected " + show(expected) + ", actual " + show(actual) + " (" + differing
        + " elements differ)";
  }

  private static String show(double value) {
    return Double.toHexString(value) + " = " + value;
  }
}
