package io.nlar.examples

import io.nlar.ArrayStep
import io.nlar.StepConfig
import java.util.Random
import kotlin.math.exp
import kotlin.math.hypot

/**
 * A trainer in Kotlin: logistic regression on the features of a point (its coordinates, their squares and product, and
 * the square of its squared radius) learns whether the point lies in a ring.
 *
 * Needs nlar-cpu. Run it with `--add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED`.
 */
private const val POINTS = 500
private const val EPOCHS = 1000

private class Point(random: Random) {
    private val x = 2 * random.nextDouble() - 1
    private val y = 2 * random.nextDouble() - 1
    private val square = x * x + y * y

    val features = doubleArrayOf(1.0, x, y, x * x, y * y, x * y, square * square)
    val inRing = hypot(x, y) in 0.4..0.9
}

private fun probability(weights: DoubleArray, point: Point): Double {
    val sum = weights.indices.sumOf { weights[it] * point.features[it] }
    return 1 / (1 + exp(-sum))
}

/** Trains and prints how many points are told right. */
fun main() {
    val random = Random(1)
    val points = List(POINTS) { Point(random) }
    val weights = DoubleArray(7)
    val gradients = DoubleArray(7)

    ArrayStep.builder(StepConfig.nlarcm().withLearningRate(1.0)).add("weights", weights, gradients).open().use { step ->
        repeat(EPOCHS) {
            gradients.fill(0.0)
            for (point in points) {
                val error = probability(weights, point) - if (point.inRing) 1 else 0
                for (i in gradients.indices) gradients[i] += error * point.features[i]
            }
            step.run()
        }
    }
    val right = points.count { (probability(weights, it) > 0.5) == it.inRing }
    println("accuracy ${right.toDouble() / POINTS}")
}
