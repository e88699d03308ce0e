package io.nlar.experiments;

import io.nlar.cli.WrongArgumentException;
import java.util.List;
import java.util.stream.Stream;

/** A part that an ablation takes away, by the name that a command line gives it. */
interface Labelled {
  String label();

  /** The part of that name among {@code parts}; {@code what} completes "there is no part 'x'" where there is none. */
  static <P extends Labelled> P named(P[] parts, String name, String what) {
    return Stream.of(parts).filter(part -> part.label().equals(name)).findFirst()
        .orElseThrow(() -> new WrongArgumentException("there is no part '" + name + "' " + what + "; there are "
            + String.join(", ", labels(parts))));
  }

  /** All names, in order. */
  static List<String> labels(Labelled[] parts) {
    return Stream.of(parts).map(Labelled::label).toList();
  }
}
