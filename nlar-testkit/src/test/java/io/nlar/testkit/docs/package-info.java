/** For tests of what documents show. */
package io.nlar.testkit.docs;
