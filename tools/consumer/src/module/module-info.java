module consumer {
  requires io.nlar;
}
