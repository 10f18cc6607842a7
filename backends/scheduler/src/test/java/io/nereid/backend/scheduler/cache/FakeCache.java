package io.nereid.backend.scheduler.cache;

import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseKey;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** A cache of a test: answers at once or when it is told to, and takes answers or does not. */
final class FakeCache implements ResponseCache {
    private final Map<ResponseKey, List<Tensor>> answers = new HashMap<>();
    private final Queue<Held> held = new ArrayDeque<>();
    private boolean holding;
    private boolean full;
    private int lookUps;

    private record Held(ResponseKey key, Finding finding) {}

    /** From now on look-ups wait for {@link #answerOne}. */
    void hold() {
        holding = true;
    }

    /** Ends the oldest look-up that waits. */
    void answerOne() {
        Held next = held.remove();
        end(next.key(), next.finding());
    }

    /** Misses all look-ups that wait, as if none were answered before the last one. */
    void missAll() {
        List<Finding> waiting = held.stream().map(Held::finding).toList();
        held.clear();
        waiting.forEach(Finding::missing);
    }

    /** From now on no answer is kept. */
    void fill() {
        full = true;
    }

    synchronized int lookUps() {
        return lookUps;
    }

    synchronized int size() {
        return answers.size();
    }

    @Override
    public void find(ResponseKey key, Finding finding) {
        synchronized (this) {
            lookUps++;
            if (holding) {
                held.add(new Held(key, finding));
                return;
            }
        }
        end(key, finding);
    }

    private void end(ResponseKey key, Finding finding) {
        List<Tensor> outputs;
        synchronized (this) {
            List<Tensor> kept = answers.get(key);
            outputs =
                    kept == null
                            ? null
                            : new ArrayList<>(kept.stream().map(Tensor::retain).toList());
        }
        if (outputs == null) {
            finding.missing();
        } else {
            finding.found(outputs);
        }
    }

    @Override
    public synchronized boolean insert(ResponseKey key, List<Tensor> outputs) {
        if (full) {
            throw new StatusException(StatusCode.UNAVAILABLE, "no room");
        }
        if (answers.containsKey(key)) {
            return false;
        }
        answers.put(key, outputs.stream().map(Tensor::retain).toList());
        return true;
    }

    @Override
    public synchronized void close() {
        answers.values().forEach(outputs -> outputs.forEach(output -> output.buffer().close()));
        answers.clear();
    }
}
