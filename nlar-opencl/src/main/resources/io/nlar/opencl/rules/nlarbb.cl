// Nlarbb: Nlarcm that observes secants too, where there is momentum and the curvature is positive.
//
//   y = f - f of the step before
//   y v > 0:  z = eta y,   A* = A + z y,   Q* = Q0 + A*,   D* = Q* != 0 ? D + (z (v - gamma y)) / Q* : D
#define OBSERVES_SECANTS 1
#include "nlarcm.cl"
