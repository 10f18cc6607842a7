package io.nereid.server.grpc;

import io.nereid.protocol.grpc.proto.GrpcServiceProto.CudaSharedMemoryRegisterRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.CudaSharedMemoryRegisterResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.CudaSharedMemoryStatusRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.CudaSharedMemoryStatusResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.CudaSharedMemoryUnregisterRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.CudaSharedMemoryUnregisterResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryRegisterRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryRegisterResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryStatusRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryStatusResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryUnregisterRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryUnregisterResponse;
import io.nereid.server.sharedmemory.SharedMemoryControl;
import io.nereid.server.sharedmemory.SharedMemoryControl.CudaRegion;
import io.nereid.server.sharedmemory.SharedMemoryControl.SystemRegion;
import java.util.Optional;

/**
 * Registers regions of shared memory (gRPC protocol section 7). Methods ask the operating system
 * and may block.
 */
final class SharedMemoryCalls {
    private final SharedMemoryControl regions;

    SharedMemoryCalls(SharedMemoryControl regions) {
        this.regions = regions;
    }

    SystemSharedMemoryStatusResponse systemStatus(SystemSharedMemoryStatusRequest request) {
        SystemSharedMemoryStatusResponse.Builder response =
                SystemSharedMemoryStatusResponse.newBuilder();
        for (SystemRegion region : regions.systemStatus(named(request.getName()))) {
            response.putRegions(
                    region.name(),
                    SystemSharedMemoryStatusResponse.RegionStatus.newBuilder()
                            .setName(region.name())
                            .setKey(region.key())
                            .setOffset(region.offset())
                            .setByteSize(region.byteSize())
                            .build());
        }
        return response.build();
    }

    SystemSharedMemoryRegisterResponse registerSystem(SystemSharedMemoryRegisterRequest request) {
        regions.registerSystem(
                request.getName(), request.getKey(), request.getOffset(), request.getByteSize());
        return SystemSharedMemoryRegisterResponse.getDefaultInstance();
    }

    SystemSharedMemoryUnregisterResponse unregisterSystem(
            SystemSharedMemoryUnregisterRequest request) {
        regions.unregisterSystem(named(request.getName()));
        return SystemSharedMemoryUnregisterResponse.getDefaultInstance();
    }

    CudaSharedMemoryStatusResponse cudaStatus(CudaSharedMemoryStatusRequest request) {
        CudaSharedMemoryStatusResponse.Builder response =
                CudaSharedMemoryStatusResponse.newBuilder();
        for (CudaRegion region : regions.cudaStatus(named(request.getName()))) {
            response.putRegions(
                    region.name(),
                    CudaSharedMemoryStatusResponse.RegionStatus.newBuilder()
                            .setName(region.name())
                            .setDeviceId(region.deviceId())
                            .setByteSize(region.byteSize())
                            .build());
        }
        return response.build();
    }

    CudaSharedMemoryRegisterResponse registerCuda(CudaSharedMemoryRegisterRequest request) {
        regions.registerCuda(
                request.getName(),
                request.getRawHandle().toByteArray(),
                request.getDeviceId(),
                request.getByteSize());
        return CudaSharedMemoryRegisterResponse.getDefaultInstance();
    }

    CudaSharedMemoryUnregisterResponse unregisterCuda(CudaSharedMemoryUnregisterRequest request) {
        regions.unregisterCuda(named(request.getName()));
        return CudaSharedMemoryUnregisterResponse.getDefaultInstance();
    }

    /** An empty name stands for all regions. */
    private static Optional<String> named(String name) {
        return Optional.of(name).filter(it -> !it.isEmpty());
    }
}
