// Makes messages.json: what client-go sends in protobuf, and the same as JSON.
//
//	go mod init messages && go get k8s.io/api@v0.32.4 k8s.io/client-go@v0.32.4 && go mod tidy && go run generate.go > messages.json
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"time"

	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

func pointer[T any](value T) *T { return &value }

func main() {
	now := meta.NewTime(time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC))
	micro := meta.NewMicroTime(time.Date(2026, 1, 31, 10, 0, 0, 123000000, time.UTC))
	full := meta.ObjectMeta{
		Name: "n", Namespace: "ns", UID: "u", ResourceVersion: "7", Generation: 3, CreationTimestamp: now, DeletionTimestamp: &now,
		DeletionGracePeriodSeconds: pointer(int64(0)), Labels: map[string]string{"a": "b", "c": ""},
		Annotations: map[string]string{"ü": "€😀"}, Finalizers: []string{"x/y"},
		OwnerReferences: []meta.OwnerReference{{APIVersion: "v1", Kind: "Pod", Name: "p", UID: "u2", Controller: pointer(true), BlockOwnerDeletion: pointer(false)}},
		ManagedFields: []meta.ManagedFieldsEntry{{Manager: "m", Operation: "Update", APIVersion: "v1", Time: &now, FieldsType: "FieldsV1",
			FieldsV1: &meta.FieldsV1{Raw: []byte(`{"f:data":{"f:a":{}}}`)}}},
	}
	objects := []runtime.Object{
		&core.Namespace{ObjectMeta: meta.ObjectMeta{Name: "n1"}},
		&core.Namespace{ObjectMeta: full, Spec: core.NamespaceSpec{Finalizers: []core.FinalizerName{"kubernetes"}}, Status: core.NamespaceStatus{Phase: "Active"}},
		&core.Secret{ObjectMeta: meta.ObjectMeta{Name: "s"}, Data: map[string][]byte{"a": {0, 255}, "b": {}}, StringData: map[string]string{"c": "d"}, Type: "Opaque", Immutable: pointer(false)},
		&core.ConfigMap{ObjectMeta: full, Data: map[string]string{"k": "v\n"}, BinaryData: map[string][]byte{"z": []byte("z")}},
		&core.ServiceAccount{ObjectMeta: meta.ObjectMeta{Name: "sa"}, Secrets: []core.ObjectReference{{Name: "s"}}, AutomountServiceAccountToken: pointer(false)},
		&core.Event{ObjectMeta: meta.ObjectMeta{Name: "e"}, InvolvedObject: core.ObjectReference{Kind: "Pod", Name: "p", APIVersion: "v1"}, Reason: "R", Message: "m",
			Source: core.EventSource{Component: "c"}, FirstTimestamp: now, LastTimestamp: now, Count: 2, Type: "Normal", EventTime: micro,
			Series: &core.EventSeries{Count: 3, LastObservedTime: micro}},
		&coordination.Lease{ObjectMeta: meta.ObjectMeta{Name: "l"}, Spec: coordination.LeaseSpec{HolderIdentity: pointer(""), LeaseDurationSeconds: pointer(int32(15)), RenewTime: &micro, LeaseTransitions: pointer(int32(0))}},
		&authentication.TokenRequest{Spec: authentication.TokenRequestSpec{Audiences: []string{"a"}, ExpirationSeconds: pointer(int64(600))}},
		&authentication.TokenReview{Spec: authentication.TokenReviewSpec{Token: "t"}},
		&authentication.SelfSubjectReview{},
		&authorization.SelfSubjectAccessReview{Spec: authorization.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorization.ResourceAttributes{Verb: "get", Resource: "secrets"}}},
		&authorization.SubjectAccessReview{Spec: authorization.SubjectAccessReviewSpec{User: "u", Groups: []string{"g"}, Extra: map[string]authorization.ExtraValue{"scopes": {"a", "b"}},
			NonResourceAttributes: &authorization.NonResourceAttributes{Path: "/metrics", Verb: "get"}}},
		&authorization.SelfSubjectRulesReview{Spec: authorization.SelfSubjectRulesReviewSpec{Namespace: "default"}},
	}
	serializer := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
	type message struct {
		Kind  string          `json:"kind"`
		Bytes []byte          `json:"bytes"`
		JSON  json.RawMessage `json:"json"`
	}
	messages := []message{}
	add := func(object runtime.Object) {
		var encoded bytes.Buffer
		if err := serializer.Encode(object, &encoded); err != nil {
			panic(err)
		}
		text, err := json.Marshal(object)
		if err != nil {
			panic(err)
		}
		messages = append(messages, message{object.GetObjectKind().GroupVersionKind().Kind, encoded.Bytes(), text})
	}
	for _, object := range objects {
		kinds, _, err := scheme.Scheme.ObjectKinds(object)
		if err != nil {
			panic(err)
		}
		object.GetObjectKind().SetGroupVersionKind(kinds[0])
		add(object)
	}
	options := &meta.DeleteOptions{Preconditions: &meta.Preconditions{UID: pointer(full.UID)}, PropagationPolicy: pointer(meta.DeletePropagationForeground), DryRun: []string{"All"}, GracePeriodSeconds: pointer(int64(0))}
	options.SetGroupVersionKind(core.SchemeGroupVersion.WithKind("DeleteOptions"))
	add(options)
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(messages); err != nil {
		panic(err)
	}
}
