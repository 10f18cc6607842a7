package io.nereid.backend.dali.audio;

/**
 * Discrete Fourier transform of real frames: radix 2 where the length is a power of two, else by
 * the definition. Tables are made once; one object serves several threads.
 */
final class FourierTransform {
    private final int length;
    private final double[] cosines;
    private final double[] sines;

    FourierTransform(int length) {
        this.length = length;
        this.cosines = new double[length];
        this.sines = new double[length];
        for (int i = 0; i < length; i++) {
            cosines[i] = Math.cos(2 * Math.PI * i / length);
            sines[i] = -Math.sin(2 * Math.PI * i / length);
        }
    }

    /** Number of different frequencies. */
    int bins() {
        return length / 2 + 1;
    }

    /** Squared magnitudes of the frequencies of a frame of the transform's length. */
    double[] power(double[] frame) {
        return Integer.bitCount(length) == 1 ? fast(frame) : direct(frame);
    }

    private double[] direct(double[] frame) {
        double[] power = new double[bins()];
        for (int k = 0; k < power.length; k++) {
            double re = 0;
            double im = 0;
            int angle = 0;
            for (double value : frame) {
                re += value * cosines[angle];
                im += value * sines[angle];
                angle += k;
                angle -= angle >= length ? length : 0;
            }
            power[k] = re * re + im * im;
        }
        return power;
    }

    private double[] fast(double[] frame) {
        double[] re = new double[length];
        double[] im = new double[length];
        int shift = Integer.numberOfLeadingZeros(length) + 1;
        for (int i = 0; i < length; i++) {
            re[length == 1 ? 0 : Integer.reverse(i) >>> shift] = frame[i];
        }
        for (int half = 1; half < length; half *= 2) {
            int step = length / (2 * half);
            for (int begin = 0; begin < length; begin += 2 * half) {
                for (int j = 0; j < half; j++) {
                    butterfly(re, im, begin + j, begin + j + half, j * step);
                }
            }
        }
        double[] power = new double[bins()];
        for (int k = 0; k < power.length; k++) {
            power[k] = re[k] * re[k] + im[k] * im[k];
        }
        return power;
    }

    private void butterfly(double[] re, double[] im, int a, int b, int angle) {
        double x = re[b] * cosines[angle] - im[b] * sines[angle];
        double y = re[b] * sines[angle] + im[b] * cosines[angle];
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
    }
}
