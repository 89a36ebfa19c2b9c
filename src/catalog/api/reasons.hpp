// The reasons of conditions and events. Users and scripts look for these words: they never change.
// Source: kubernetes-sigs/service-catalog v0.3.1; those marked "ours" are new here.
#pragma once

#include <string_view>

namespace catalog::reasons {

using Text = std::string_view;

// Brokers.
inline constexpr Text fetched_catalog = "FetchedCatalog";
inline constexpr Text error_fetching_catalog = "ErrorFetchingCatalog";
inline constexpr Text error_syncing_catalog = "ErrorSyncingCatalog";
inline constexpr Text error_getting_auth_credentials = "ErrorGettingAuthCredentials";
inline constexpr Text error_deleting_class = "ErrorDeletingClusterServiceClass";
inline constexpr Text deletion_waits_for_instances = "DeletionWaitsForInstances";

// Objects that an instance or a binding refers to.
inline constexpr Text references_nonexistent_class = "ReferencesNonexistentServiceClass";
inline constexpr Text references_nonexistent_plan = "ReferencesNonexistentServicePlan";
inline constexpr Text references_nonexistent_broker = "ReferencesNonexistentBroker";
inline constexpr Text references_nonexistent_instance = "ReferencesNonexistentInstance";
inline constexpr Text references_deleted_class = "ReferencesDeletedServiceClass";
inline constexpr Text references_deleted_plan = "ReferencesDeletedServicePlan";
inline constexpr Text error_with_parameters = "ErrorWithParameters";
inline constexpr Text error_finding_namespace = "ErrorFindingNamespaceForInstance";
inline constexpr Text error_reconciliation_retry_timeout = "ErrorReconciliationRetryTimeout";
inline constexpr Text error_polling_last_operation = "ErrorPollingLastOperation";
inline constexpr Text async_operation_timeout = "AsyncOperationTimeout";

// Instances and bindings with the external id of another object; ours.
inline constexpr Text external_id_in_use = "ExternalIDInUse";

// Events of all kinds; ours.
inline constexpr Text error_reconciling = "ErrorReconciling";
inline constexpr Text left_behind = "LeftBehind";

// What annotations request; ours.
inline constexpr Text paused = "Paused";
inline constexpr Text abandoned = "Abandoned";
inline constexpr Text retained = "Retained";

// Instances.
inline constexpr Text provision_request_in_flight = "ProvisionRequestInFlight";
inline constexpr Text provisioning = "Provisioning";
inline constexpr Text provisioned_successfully = "ProvisionedSuccessfully";
inline constexpr Text provision_call_failed = "ProvisionCallFailed";
inline constexpr Text error_calling_provision = "ErrorCallingProvision";
inline constexpr Text broker_returned_failure = "ClusterServiceBrokerReturnedFailure";
inline constexpr Text update_request_in_flight = "UpdateInstanceRequestInFlight";
inline constexpr Text updating_instance = "UpdatingInstance";
inline constexpr Text instance_updated_successfully = "InstanceUpdatedSuccessfully";
inline constexpr Text update_instance_call_failed = "UpdateInstanceCallFailed";
inline constexpr Text error_calling_update_instance = "ErrorCallingUpdateInstance";
inline constexpr Text deprovision_request_in_flight = "DeprovisionRequestInFlight";
inline constexpr Text deprovisioning = "Deprovisioning";
inline constexpr Text deprovisioned_successfully = "DeprovisionedSuccessfully";
inline constexpr Text deprovision_call_failed = "DeprovisionCallFailed";
inline constexpr Text deprovision_blocked_by_credentials = "DeprovisionBlockedByExistingCredentials";
inline constexpr Text starting_orphan_mitigation = "StartingInstanceOrphanMitigation";
inline constexpr Text orphan_mitigation_successful = "OrphanMitigationSuccessful";
inline constexpr Text orphan_mitigation_failed = "OrphanMitigationFailed";
// Instances; ours.
inline constexpr Text error_adopting_instance = "ErrorAdoptingInstance";
inline constexpr Text plan_not_updatable = "PlanNotUpdatable";
inline constexpr Text update_not_repeatable = "UpdateNotRepeatable";
inline constexpr Text upgrade_available = "UpgradeAvailable";

// Bindings.
inline constexpr Text binding_request_in_flight = "BindingRequestInFlight";
inline constexpr Text binding = "Binding";
inline constexpr Text injected_bind_result = "InjectedBindResult";
inline constexpr Text bind_call_failed = "BindCallFailed";
inline constexpr Text binding_returned_failure = "ServiceBindingReturnedFailure";
inline constexpr Text error_injecting_bind_result = "ErrorInjectingBindResult";
inline constexpr Text error_ejecting_binding = "ErrorEjectingServiceBinding";
inline constexpr Text error_instance_refs_unresolved = "ErrorInstanceRefsUnresolved";
inline constexpr Text error_instance_not_ready = "ErrorInstanceNotReady";
inline constexpr Text error_nonbindable_class = "ErrorNonbindableServiceClass";
inline constexpr Text error_async_operation_in_progress = "ErrorAsyncOperationInProgress";
inline constexpr Text fetching_binding_failed = "FetchingBindingFailed";
inline constexpr Text binding_needs_orphan_mitigation = "ServiceBindingNeedsOrphanMitigation";
inline constexpr Text unbinding_request_in_flight = "UnbindingRequestInFlight";
inline constexpr Text unbinding = "Unbinding";
inline constexpr Text unbound_successfully = "UnboundSuccessfully";
inline constexpr Text unbind_call_failed = "UnbindCallFailed";

// Events of bindings; ours.
inline constexpr Text rotated_credentials = "RotatedCredentials";
inline constexpr Text rotation_failed = "RotationFailed";
inline constexpr Text revoked_credentials = "RevokedCredentials";

}  // namespace catalog::reasons
