/** Trainers of one file each, to be copied. */
package io.nlar.examples;
