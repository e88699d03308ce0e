package io.nlar.cuda.interpreter;

/** PTX that the interpreter does not know, or whose execution a GPU would fault on, hang at or leave undefined. */
public final class PtxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  PtxException(String message) {
    super(message);
  }
}
