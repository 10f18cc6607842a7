package io.nereid.server.sharedmemory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.nereid.server.sharedmemory.SharedMemoryControl.SystemRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SharedMemoryRegionsTest {
    private static final int PAGE = PageSize.bytes();

    @TempDir Path objects;

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final CopyMeter copies = new CopyMeter();
    private SharedMemoryRegions regions;

    @BeforeEach
    void open() {
        regions = new SharedMemoryRegions(objects, true, copies);
    }

    @AfterEach
    void close() throws IOException {
        regions.close();
        assertThat(openFiles()).isEmpty();
    }

    /** Objects of this test that the process holds open. */
    private List<Path> openFiles() throws IOException {
        List<Path> open = new ArrayList<>();
        Path real = objects.toRealPath();
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (!Files.isSymbolicLink(descriptor)) {
                    continue;
                }
                Path target = Files.readSymbolicLink(descriptor);
                if (target.startsWith(real)) {
                    open.add(target);
                }
            }
        }
        return open;
    }

    private Path object(String name, int... bytes) throws IOException {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return Files.write(objects.resolve(name), content);
    }

    private byte[] read(String region, long offset, long byteSize) {
        try (SharedMemory.Window window = regions.open(region, offset, byteSize);
                TensorBuffer copy = window.read(allocator)) {
            return copy.segment().toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private void write(String region, long offset, long byteSize, int... bytes) {
        try (SharedMemory.Window window = regions.open(region, offset, byteSize);
                TensorBuffer block = allocator.allocate(bytes.length)) {
            for (int i = 0; i < bytes.length; i++) {
                block.segment().set(ValueLayout.JAVA_BYTE, i, (byte) bytes[i]);
            }
            window.write(block);
        }
    }

    private static void assertRefused(ThrowingCallable call, StatusCode code, String text) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(call)
                .satisfies(refusal -> assertThat(refusal.text()).isEqualTo(text))
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(code));
    }

    // Registration.

    @Test
    void listsWhatIsRegistered() throws IOException {
        object("a", 1, 2, 3);
        object("b", new int[PAGE + 8]);
        assertThat(regions.systemStatus(Optional.empty())).isEmpty();

        regions.registerSystem("r0", "/a", 0, 3);
        regions.registerSystem("r1", "//b", PAGE, 8);
        regions.registerSystem("r2", "a", 0, 1);

        assertThat(regions.systemStatus(Optional.empty()))
                .containsExactlyInAnyOrder(
                        new SystemRegion("r0", "/a", 0, 3),
                        new SystemRegion("r1", "//b", PAGE, 8),
                        new SystemRegion("r2", "a", 0, 1));
        assertThat(regions.systemStatus(Optional.of("r1")))
                .containsExactly(new SystemRegion("r1", "//b", PAGE, 8));
        assertThat(regions.cudaStatus(Optional.empty())).isEmpty();
    }

    @Test
    void doesNotKnowOtherRegions() throws IOException {
        object("a", 1);
        regions.registerSystem("r0", "/a", 0, 1);

        assertRefused(
                () -> regions.systemStatus(Optional.of("zz")),
                StatusCode.NOT_FOUND,
                "Unable to find system shared memory region: 'zz'");
        assertRefused(
                () -> regions.cudaStatus(Optional.of("zz")),
                StatusCode.NOT_FOUND,
                "Unable to find cuda shared memory region: 'zz'");
        assertRefused(
                () -> regions.cudaStatus(Optional.of("r0")),
                StatusCode.NOT_FOUND,
                "The region named 'r0' is registered as system shared memory, not CUDA shared"
                        + " memory");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    ``    | INVALID_ARG | cannot register shared memory region 'r' - invalid shm key ''
                    ///   | INVALID_ARG | cannot register shared memory region 'r' - invalid shm key '///'
                    /triton_python_backend_shm_region_1 | INVALID_ARG | cannot register shared memory region 'r' with key '/triton_python_backend_shm_region_1' as the key contains the reserved prefix 'triton_python_backend_shm_region_'
                    /nosuch          | INTERNAL | Unable to open shared memory region: '/nosuch'
                    ../outside       | INTERNAL | Unable to open shared memory region: '../outside'
                    /sub/a           | INTERNAL | Unable to open shared memory region: '/sub/a'
                    /sub             | INTERNAL | Unable to open shared memory region: '/sub'
                    /..              | INTERNAL | Unable to open shared memory region: '/..'
                    /.               | INTERNAL | Unable to open shared memory region: '/.'
                    /link            | INTERNAL | Unable to open shared memory region: '/link'
                    """)
    void opensNothingButObjects(String key, StatusCode code, String text) throws IOException {
        Files.createDirectory(objects.resolve("sub"));
        object("sub/a", 1, 2, 3, 4);
        object("triton_python_backend_shm_region_1", 1, 2, 3, 4);
        Files.createSymbolicLink(objects.resolve("link"), objects.resolve("sub/a"));

        assertRefused(() -> regions.registerSystem("r", key, 0, 4), code, text);
        assertThat(regions.systemStatus(Optional.empty())).isEmpty();
    }

    @Test
    void survivesNamesThatNoFileCanHave() {
        for (String key : List.of("/a\0b", "/" + "x".repeat(5000))) {
            assertRefused(
                    () -> regions.registerSystem("r", key, 0, 4),
                    StatusCode.INTERNAL,
                    "Unable to open shared memory region: '" + key + "'");
        }
    }

    @ParameterizedTest
    @CsvSource({"0,9", "8,1", "9,0", "-1,1", "0,-1", "4096,-4096", "-1,-1"})
    void refusesPlacesBeyondTheObject(long offset, long byteSize) throws IOException {
        object("a", 1, 2, 3, 4, 5, 6, 7, 8);

        assertRefused(
                () -> regions.registerSystem("r", "/a", offset, byteSize),
                StatusCode.INVALID_ARG,
                "failed to register shared memory region 'r': invalid args");
    }

    @ParameterizedTest
    @CsvSource({"64,64", "1,1", "0,0"})
    void refusesPlacesThatCouldNotBeMapped(long offset, long byteSize) throws IOException {
        object("a", new int[256]);

        assertRefused(
                () -> regions.registerSystem("r", "/a", offset, byteSize),
                StatusCode.INVALID_ARG,
                "failed to register shared memory region 'r': unable to process address"
                        + " spaceInvalid argument");
    }

    @Test
    void refusesNamesThatAreTakenBeforeItLooksAtTheObject() throws IOException {
        object("a", 1);
        regions.registerSystem("r", "/a", 0, 1);

        assertRefused(
                () -> regions.registerSystem("r", "/nosuch", 0, 1),
                StatusCode.ALREADY_EXISTS,
                "shared memory region 'r' already in manager");
    }

    @Test
    void holdsABoundedNumberOfRegions() throws IOException {
        object("a", 1);
        for (int i = 0; i < SharedMemoryRegions.MAX_REGIONS; i++) {
            regions.registerSystem("r" + i, "/a", 0, 1);
        }

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> regions.registerSystem("more", "/a", 0, 1))
                .extracting(StatusException::code)
                .isEqualTo(StatusCode.UNAVAILABLE);

        regions.unregisterSystem(Optional.of("r0"));
        regions.registerSystem("more", "/a", 0, 1);
    }

    @Test
    void changesNothingUnlessClientsMayShareMemory() throws IOException {
        object("a", 1);
        try (SharedMemoryRegions closed = new SharedMemoryRegions(objects, false, copies)) {
            for (ThrowingCallable change :
                    List.<ThrowingCallable>of(
                            () -> closed.registerSystem("r", "/a", 0, 1),
                            () -> closed.unregisterSystem(Optional.empty()),
                            () -> closed.unregisterCuda(Optional.of("r")),
                            closed::requireAllowed)) {
                assertRefused(
                        change,
                        StatusCode.UNSUPPORTED,
                        "Client shared memory is disabled. Start the server with"
                                + " '--allow-client-shm=true' to enable.");
            }
            assertThat(closed.systemStatus(Optional.empty())).isEmpty();
            assertRefused(
                    () -> closed.open("r", 0, 1),
                    StatusCode.NOT_FOUND,
                    "Unable to find shared memory region: 'r'");
        }
    }

    @Test
    void hasNoGpu() {
        assertRefused(
                () -> regions.registerCuda("c", new byte[64], 0, 16),
                StatusCode.INVALID_ARG,
                "failed to register CUDA shared memory region: 'c', GPUs not supported");
        regions.unregisterCuda(Optional.empty());
    }

    // Windows.

    @Test
    void copiesBothWays() throws IOException {
        Path file = object("a", 0, 1, 2, 3, 4, 5, 6, 7);
        regions.registerSystem("r", "/a", 0, 6);

        assertThat(read("r", 2, 3)).containsExactly(2, 3, 4);
        assertThat(read("r", 5, 1)).containsExactly(5);
        assertThat(read("r", 5, 0)).isEmpty();
        write("r", 1, 4, 20, 21);

        assertThat(Files.readAllBytes(file)).containsExactly(0, 20, 21, 3, 4, 5, 6, 7);
        assertThat(allocator.copies().bytes(CopyMeter.Site.SHARED_INPUT)).isEqualTo(4);
        assertThat(copies.bytes(CopyMeter.Site.SHARED_OUTPUT)).isEqualTo(2);
    }

    @Test
    void countsFromTheStartOfTheRegion() throws IOException {
        int[] content = new int[PAGE + 4];
        content[PAGE + 1] = 7;
        object("a", content);
        regions.registerSystem("r", "/a", PAGE, 4);

        assertThat(read("r", 1, 2)).containsExactly(7, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    8  | 1  | Invalid offset for shared memory region: 'r'
                    8  | 0  | Invalid offset for shared memory region: 'r'
                    -1 | 2  | Invalid offset for shared memory region: 'r'
                    1  | -1 | Integer overflow detected: byte_size (18446744073709551615) + offset (1) exceeds maximum value (18446744073709551615) for region 'r'
                    7  | 2  | Invalid offset + byte size for shared memory region: 'r'
                    0  | -1 | Invalid offset + byte size for shared memory region: 'r'
                    0  | 9  | Invalid offset + byte size for shared memory region: 'r'
                    """)
    void refusesPartsBeyondTheRegion(long offset, long byteSize, String text) throws IOException {
        object("a", new int[20]);
        regions.registerSystem("r", "/a", 0, 8);

        assertRefused(() -> regions.open("r", offset, byteSize), StatusCode.INVALID_ARG, text);
    }

    @Test
    void writesNoMoreThanTheWindowHolds() throws IOException {
        object("a", new int[8]);
        regions.registerSystem("r", "/a", 0, 8);

        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> write("r", 0, 2, 1, 2, 3));
        assertThat(read("r", 0, 8)).containsOnly(0);
    }

    @Test
    void keepsARegionUntilItsLastWindowIsClosed() throws IOException {
        object("a", 5, 6);
        regions.registerSystem("r", "/a", 0, 2);
        SharedMemory.Window first = regions.open("r", 0, 2);
        SharedMemory.Window second = regions.open("r", 1, 1);

        regions.unregisterSystem(Optional.of("r"));
        regions.unregisterSystem(Optional.empty());
        first.close();

        assertThat(regions.systemStatus(Optional.of("r"))).hasSize(1);
        assertThat(openFiles()).hasSize(1);
        assertRefused(
                () -> regions.open("r", 0, 1),
                StatusCode.NOT_FOUND,
                "Unable to find shared memory region: 'r'");
        assertRefused(
                () -> regions.registerSystem("r", "/a", 0, 1),
                StatusCode.ALREADY_EXISTS,
                "shared memory region 'r' already in manager");
        try (TensorBuffer copy = second.read(allocator)) {
            assertThat(copy.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 6);
        }

        second.close();

        assertThat(regions.systemStatus(Optional.empty())).isEmpty();
        assertThat(openFiles()).isEmpty();
        regions.registerSystem("r", "/a", 0, 1);
    }

    @Test
    void forgetsOneOrAllRegionsAndDoesNotMindUnknownOnes() throws IOException {
        object("a", 5, 6);
        for (String name : List.of("x", "y", "z")) {
            regions.registerSystem(name, "/a", 0, 2);
        }

        regions.unregisterSystem(Optional.of("y"));
        regions.unregisterSystem(Optional.of("nosuch"));
        regions.unregisterCuda(Optional.of("x"));
        assertThat(regions.systemStatus(Optional.empty()))
                .extracting(SystemRegion::name)
                .containsExactlyInAnyOrder("x", "z");

        regions.unregisterSystem(Optional.empty());
        assertThat(regions.systemStatus(Optional.empty())).isEmpty();
    }

    @Test
    void saysWhichRegionsAreInUseAtTheEnd() throws IOException {
        object("a", 5);
        regions.registerSystem("r", "/a", 0, 1);
        SharedMemory.Window window = regions.open("r", 0, 1);

        assertThatIllegalStateException()
                .isThrownBy(regions::close)
                .withMessage("shared memory regions in use at the end: [r]");

        window.close();
        assertThatIllegalStateException().isThrownBy(window::close);
    }

    // Clients that do as they like with what they share.

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5000})
    void survivesAnObjectThatIsCut(int size) throws IOException {
        Path file = object("a", new int[8192]);
        regions.registerSystem("r", "/a", 0, 8192);
        try (SharedMemory.Window window = regions.open("r", 0, 8192);
                TensorBuffer block = allocator.allocate(8192)) {
            cut(file, size);

            String text =
                    "shared memory region 'r' can not be used any more: object '/a' is smaller than"
                            + " it was when it was registered or can not be accessed";
            assertRefused(() -> window.read(allocator).close(), StatusCode.INTERNAL, text);
            assertRefused(() -> window.write(block), StatusCode.INTERNAL, text);
        }
        // The object is not made again by writing to it.
        assertThat(Files.size(file)).isEqualTo(size);
    }

    private static void cut(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    @Test
    void usesAnObjectThatHasLostItsName() throws IOException {
        Path file = object("a", 1, 2, 3);
        regions.registerSystem("r", "/a", 0, 3);
        Files.delete(file);

        assertThat(read("r", 0, 3)).containsExactly(1, 2, 3);
        write("r", 0, 3, 9);
        assertThat(read("r", 0, 3)).containsExactly(9, 2, 3);
    }

    @Test
    void sharesMemoryWithAnotherProcess() throws IOException, InterruptedException {
        Path directory = Path.of("/dev/shm");
        Path file = Files.createTempFile(directory, "nereid-test-", "");
        Files.write(file, new byte[3 * PAGE]);
        try (SharedMemoryRegions real = new SharedMemoryRegions(true, copies)) {
            real.registerSystem("r", "/" + file.getFileName(), 0, 3L * PAGE);
            OtherProcess.run(file, "fill", 42);
            try (SharedMemory.Window window = real.open("r", 0, 3L * PAGE)) {
                try (TensorBuffer copy = window.read(allocator)) {
                    assertThat(copy.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(42);
                    copy.segment().fill((byte) 17);
                    window.write(copy);
                }
                OtherProcess.run(file, "expect", 17);
                OtherProcess.run(file, "cut", PAGE);

                assertThatExceptionOfType(StatusException.class)
                        .isThrownBy(() -> window.read(allocator).close());
            }
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void isUsedByManyThreadsWhileTheObjectComesAndGoes() throws Exception {
        Path file = object("a", new int[4 * PAGE]);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger copied = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(7)) {
            List<Future<?>> work = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                work.add(threads.submit(() -> useWindows(stop, copied)));
            }
            for (int i = 0; i < 2; i++) {
                work.add(threads.submit(() -> registerAndForget(stop)));
            }
            work.add(threads.submit(() -> cutAndGrow(file, stop)));
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (copied.get() < 2000 && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            stop.set(true);
            for (Future<?> each : work) {
                each.get(30, TimeUnit.SECONDS);
            }
        }
        assertThat(copied.get()).isGreaterThanOrEqualTo(2000);
    }

    private void useWindows(AtomicBoolean stop, AtomicInteger copied) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        while (!stop.get()) {
            try {
                if (random.nextBoolean()) {
                    byte[] bytes = read("r" + random.nextInt(2), 0, 2L * PAGE);
                    assertThat(bytes).hasSize(2 * PAGE);
                } else {
                    write("r" + random.nextInt(2), random.nextInt(PAGE), PAGE, 1, 2, 3);
                }
                copied.incrementAndGet();
            } catch (StatusException e) {
                assertThat(e.code()).isIn(StatusCode.NOT_FOUND, StatusCode.INTERNAL);
            }
        }
    }

    private void registerAndForget(AtomicBoolean stop) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        while (!stop.get()) {
            String name = "r" + random.nextInt(2);
            try {
                regions.registerSystem(name, "/a", 0, 2L * PAGE);
                for (int i = 0; i < 50 && !stop.get(); i++) {
                    assertThat(regions.systemStatus(Optional.empty())).hasSizeLessThanOrEqualTo(2);
                }
                regions.unregisterSystem(Optional.of(name));
            } catch (StatusException e) {
                assertThat(e.code()).isIn(StatusCode.ALREADY_EXISTS, StatusCode.INVALID_ARG);
            }
        }
    }

    private static void cutAndGrow(Path file, AtomicBoolean stop) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            byte[] content = new byte[4 * PAGE];
            Arrays.fill(content, (byte) 3);
            while (!stop.get()) {
                channel.truncate(PAGE);
                channel.write(ByteBuffer.wrap(content), 0);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void copiesMoreThanTwoGigabytesInPieces() throws IOException {
        long byteSize = (1L << 31) + 4096;
        Path file = objects.resolve("huge");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {5}), byteSize - 1);
        }
        try (SharedObject object = SharedObject.open(objects, "huge");
                TensorBuffer block = allocator.allocate(byteSize)) {
            MemorySegment target = block.segment();

            assertThat(object.read(0, target)).isTrue();

            assertThat(target.get(ValueLayout.JAVA_BYTE, byteSize - 1)).isEqualTo((byte) 5);
            assertThat(target.get(ValueLayout.JAVA_BYTE, 1L << 30)).isZero();
        }
    }
}
