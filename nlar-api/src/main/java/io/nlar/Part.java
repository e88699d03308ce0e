package io.nlar;

/**
 * The part of a larger tensor that a parameter is: several workers own a part each, and the state of it alone. Draws of noise,
 * random bits of rounding, names and state files then speak of the whole tensor, so that a step over parts has the bits of one
 * over the whole. How long the part is, the parameter's value says; it may be empty, for a worker to whom nothing of a tensor
 * falls.
 *
 * @param offset the number of the part's first element in the whole: a multiple of {@value #UNIT} (of 65536 in tensors of more
 *     than 2<sup>33</sup> elements), or the whole length for an empty part at the end
 * @param length elements of the whole tensor
 */
public record Part(long offset, long length) {
  /** Elements of a block of the fixed-shape sums: parts begin at multiples of it, and end there or with the tensor. */
  public static final int UNIT = 1024;

  /** From this length on random bits have several keys, of which a kernel's chunk may see one. */
  private static final long VAST = 1L << 33;
  private static final int VAST_UNIT = 1 << 16;

  /** Checks that the part begins within the whole, where parts may. */
  public Part {
    if (length < 0) {
      throw new ParameterException("a part of a tensor of " + length + " elements; a length is at least 0");
    }
    if (offset < 0 || offset > length) {
      throw new ParameterException("a part that begins at element " + offset + " of a tensor of " + length
          + "; it begins at one from 0 to " + length);
    }
    if (offset % unit(length) != 0 && offset != length) {
      throw new ParameterException("a part that begins at element " + offset + "; parts begin at multiples of " + unit(length)
          + ", since sums are formed in blocks of so many elements: Part.boundary gives such places");
    }
  }

  private static int unit(long length) {
    return length > VAST ? VAST_UNIT : UNIT;
  }

  /**
   * Where worker {@code worker}'s share of a tensor begins, and that of the one before ends, if all shares are to be as equal as
   * {@link #UNIT} allows. Of small tensors some workers' shares are empty.
   *
   * @param length elements of the whole tensor
   * @param worker from 0; {@code workers} for the end of the last share
   * @param workers how many there are, at least 1
   */
  public static long boundary(long length, int worker, int workers) {
    if (length < 0 || workers < 1 || worker < 0 || worker > workers) {
      throw new ParameterException("no share " + worker + " of " + workers + " in a tensor of " + length
          + " elements; expected a length of at least 0 and 0 <= worker <= workers, of at least 1");
    }
    long units = Math.ceilDiv(length, (long) unit(length));
    long before = units / workers * worker + units % workers * worker / workers;
    return Math.min(length, before * unit(length));
  }
}
