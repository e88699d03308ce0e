/** The step above all engines: checks, tickets, state files. Not exported. */
package io.nlar.internal;
